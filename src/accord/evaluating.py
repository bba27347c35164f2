"""Evaluation by itself: a saved model on any data. Permit, encoding and judging are the stages'."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accord.agreement.charging import charge_look
from accord.agreement.sealing import key_held, seal_under
from accord.agreement.stage import permit_and_budgets
from accord.artifact import Artifact, Manifest, Store, open_artifact
from accord.data.known import encode_known
from accord.directories import model_folder
from accord.errors import IntegrityError, RecipeError
from accord.events import Log
from accord.leftovers import temporary_folder
from accord.model.facts import trained_facts
from accord.model.guarantee import trained_privately
from accord.permit import Permit
from accord.recipe.context import Context
from accord.recipe.load import Loaded, load_recipe
from accord.recipe.model import Model
from accord.recipe.tree import Recipe
from accord.vault.envelope import FOR_RUN
from accord.vault.files import open_to_read, writing

PREDICTIONS = "predictions.parquet"
KEPT = ("metrics.json", "curves.json", PREDICTIONS)


def evaluate(
    model: str | Path,
    *,
    data: str | Path | None = None,
    recipe: str | Path | None = None,
    set: Sequence[str] = (),
    output: str | Path | None = None,
) -> dict[str, Any]:
    """Metrics of a saved model on data; an access that is given so many times is charged first.

    Rows with a cap on epsilon are opened only for a model that says itself that it was trained
    privately, whatever the recipe says.

    Args:
        model: A run directory, or a model directory: Accord's, or a plain Hugging Face one.
        data: File, folder or URL of rows; by default the recipe's test source.
        recipe: Says what the columns mean and under which agreement; that of the run by default.
        set: `path.to.field=value` overrides.
        output: Where metrics, curves and predictions are kept; nowhere by default.

    Returns:
        The `test` block of `metrics.json` (`metrics`, `intervals`, `per_class`, `slices` ...) and
        `rows`, how many were judged.

    Raises:
        RecipeError: There is no model or no recipe.
        AgreementError: An agreement does not allow it.
        BudgetError: The data may not be opened once more; they were not.
        DataError: The data do not fit the model.
    """
    folder, loaded = model_folder(Path(model)), _loaded(Path(model), recipe, set)
    with (
        loaded.placing(),
        key_held(loaded.recipe, loaded.base),
        temporary_folder("evaluate") as scratch,
    ):
        facts = trained_facts(folder)
        adjusted = _adjusted(loaded.recipe, folder, _location(loaded.recipe, data))
        store = Store(scratch)
        context = Context(scratch, loaded.base, store, "evaluate", Log(), lambda: False)
        permit, budgets = permit_and_budgets(adjusted, loaded.base, roles=("test",))
        charge_look(budgets, "evaluate", private=bool(budgets) and trained_privately(folder))
        seal_under(adjusted, permit, context.run)
        dataset = encode_known(adjusted, permit, facts, context)
        judged = _judge(adjusted, dataset, _as_artifact(folder), context)
        if output is not None:
            Path(output).mkdir(parents=True, exist_ok=True)
            _keep(judged, adjusted, permit, Path(output))
        rows = json.loads(dataset.file("schema.json").read_text("utf-8"))["rows"]["test"]
        return {**judged.read_json("metrics.json")["test"], "rows": rows}


def _keep(judged: Artifact, recipe: Recipe, permit: Permit, output: Path) -> None:
    """Copy what was found; predictions are sealed anew where they are sealed at all."""
    if not (output / FOR_RUN).is_file():
        seal_under(recipe, permit, output)
    for name in KEPT:
        if name != PREDICTIONS:
            shutil.copy2(judged.path / name, output / name)
    with open_to_read(judged.path / PREDICTIONS) as source, writing(output / PREDICTIONS) as sink:
        shutil.copyfileobj(source, sink)


def _loaded(model: Path, recipe: str | Path | None, overrides: Sequence[str]) -> Loaded:
    beside = (model / "recipe.yaml", model.parent / "recipe.yaml")
    path = Path(recipe) if recipe else next((p for p in beside if p.is_file()), None)
    if path is None:
        raise RecipeError(
            "there is no recipe that says what the columns mean",
            code="recipe-missing",
            path=str(model),
            fix="name one: --recipe recipe.yaml",
        )
    return load_recipe(path, overrides)


def _location(recipe: Recipe, data: str | Path | None) -> str:
    if data is not None:
        return str(data) if "://" in str(data) else str(Path(data).absolute())
    if isinstance(recipe.data.test, str):
        return recipe.data.test
    raise RecipeError(
        "there is nothing to evaluate on",
        code="arguments-missing",
        path="data.test",
        got=recipe.data.test,
        why="the recipe's test rows are a share of its training file, and judged already",
        fix="name rows: --data FILE",
    )


def _adjusted(recipe: Recipe, folder: Path, location: str) -> Recipe:
    """The recipe with the data to judge as its only source, and the trained model as its base."""
    given = {"train": location, "validation": 0.1, "test": location}
    data = recipe.data.model_copy(update=given)
    base = Model() if recipe.task.startswith("table") else Model(base=str(folder.absolute()))
    judged = recipe.evaluate.model_copy(update={"baseline": False})
    return recipe.model_copy(update={"data": data, "model": base, "evaluate": judged})


def _as_artifact(folder: Path) -> Artifact:
    try:
        return open_artifact(folder)
    except IntegrityError:
        return Artifact(folder, Manifest(kind="model", identity="unknown", digest="unknown"))


def _judge(recipe: Recipe, dataset: Artifact, model: Artifact, context: Context) -> Artifact:
    from accord.evaluate.stage import evaluate as judge

    return judge(recipe, {"dataset": dataset, "model": model}, context)
