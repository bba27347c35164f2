"""Evaluation by itself: a saved model on any data. Permit, encoding and judging are the stages'."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from accord.agreement.permit import Permit
from accord.agreement.stage import permit_for
from accord.artifact import Artifact, Manifest, Store, open_artifact
from accord.data.arrow_file import ArrowFile
from accord.data.encoder import Encoder, Setting
from accord.data.reject import Rejects
from accord.data.rows import read_rows
from accord.data.source import Block
from accord.data.survey import SEPARATOR, label_keys
from accord.directories import model_folder
from accord.errors import DataError, IntegrityError, ModelError, RecipeError
from accord.events import Log
from accord.part import find
from accord.recipe.context import Context
from accord.recipe.load import Loaded, load_recipe
from accord.recipe.model import Model
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

KEPT = ("metrics.json", "curves.json", "predictions.parquet")


def evaluate(
    model: str | Path,
    *,
    data: str | None = None,
    recipe: str | Path | None = None,
    set: Sequence[str] = (),
    output: str | Path | None = None,
) -> dict[str, Any]:
    """Metrics of a saved model on data.

    Args:
        model: A run directory, or a model directory that Accord wrote.
        data: File, folder or URL of rows; by default the recipe's test source.
        recipe: Says what the columns mean and under which agreement; that of the run by default.
        set: `path.to.field=value` overrides.
        output: Where metrics, curves and predictions are kept; nowhere by default.

    Returns:
        The `test` block of `metrics.json` (`metrics`, `intervals`, `per_class`, `slices` ...) and
        `rows`, how many were judged.

    Raises:
        RecipeError: There is no model or no recipe.
        DataError: The data do not fit the model.
    """
    folder, loaded = model_folder(Path(model)), _loaded(Path(model), recipe, set)
    with loaded.placing(), tempfile.TemporaryDirectory(prefix="accord-") as scratch:
        facts = _facts(folder)
        adjusted = _adjusted(loaded.recipe, folder, _location(loaded.recipe, data))
        store = Store(Path(scratch))
        context = Context(Path(scratch), loaded.base, store, "evaluate", Log(), lambda: False)
        permit = permit_for(adjusted, loaded.base)
        dataset = _dataset(adjusted, permit, facts, context)
        judged = _judge(adjusted, dataset, _as_artifact(folder), context)
        if output is not None:
            Path(output).mkdir(parents=True, exist_ok=True)
            for name in KEPT:
                shutil.copy2(judged.path / name, Path(output) / name)
        rows = json.loads(dataset.file("schema.json").read_text("utf-8"))["rows"]["test"]
        return {**judged.read_json("metrics.json")["test"], "rows": rows}


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


def _location(recipe: Recipe, data: str | None) -> str:
    if data is not None:
        return data if "://" in data else str(Path(data).absolute())
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


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / "accord.json"
    if not path.is_file():
        raise ModelError(
            "the model does not say what its outputs mean",
            code="model-facts-missing",
            path=str(path),
            why="labels, columns and their order are needed to judge it",
            fix="evaluate a model that `accord train` wrote",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _adjusted(recipe: Recipe, folder: Path, location: str) -> Recipe:
    """The recipe with the data to judge as its only source, and the trained model as its base."""
    data = recipe.data.model_copy(update={"train": location, "validation": 0.1, "test": 0.2})
    base = Model() if recipe.task.startswith("table") else Model(base=str(folder.absolute()))
    judged = recipe.evaluate.model_copy(update={"baseline": False})
    return recipe.model_copy(update={"data": data, "model": base, "evaluate": judged})


def _dataset(
    recipe: Recipe, permit: Permit, facts: Mapping[str, Any], context: Context
) -> Artifact:
    """A data set whose test split holds all rows, encoded as the model was taught to read."""
    labels = tuple(facts["labels"])
    part = find("encoder", recipe.task)
    encoder: Encoder = part(part.spec(kind=recipe.task), Setting(recipe, context.base, labels))
    if facts["modality"] == "table":
        encoder.survey(_known_categories(recipe, facts))
    store = context.store
    with store.create("dataset", context.identity, terms=permit.terms) as folder:
        with Rejects(recipe.data.on_bad_row) as rejects:
            with ArrowFile(folder / "test.arrow") as file:
                for block in _blocks(recipe, permit, rejects, labels, facts["problem"]):
                    for batch in encoder.encode(block, "test"):
                        file.add(batch)
                for batch in encoder.flush("test"):
                    file.add(batch)
        if not file.rows:
            raise DataError(
                "the data hold no usable row",
                code="split-empty",
                path="data.test",
                fix="check the file, and `data.on_bad_row` if rows were put aside",
            )
        _write_empty(folder)
        encoder.save(folder)
        rows = {"train": 0, "validation": 0, "test": file.rows}
        schema = {**encoder.facts(), **facts, "rows": rows, "slices": list(recipe.evaluate.slices)}
        (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return open_artifact(store.location("dataset", context.identity))


def _blocks(
    recipe: Recipe, permit: Permit, rejects: Rejects, labels: tuple[str, ...], problem: Any
) -> Iterator[Block]:
    extra = recipe.evaluate.slices
    for block in read_rows(
        permit, "train", recipe.data, TASKS[recipe.task], rejects=rejects, extra=extra
    ):
        if problem in ("single-label", "multi-label", "token-label"):
            keys = label_keys(block.batch, recipe.data, problem)
            found = {name for key in keys for name in key.split(SEPARATOR) if name}
            _refuse_unknown(found, labels)
        yield block


def _refuse_unknown(found: set[str], labels: tuple[str, ...]) -> None:
    unknown = sorted(found - frozenset(labels))
    if unknown:
        raise DataError(
            "the data hold classes that the model does not know",
            code="class-unseen",
            path="data.label",
            got=", ".join(unknown[:5]),
            expected=", ".join(labels),
            fix="take these rows out, or name the label column that the model was trained on",
        )


def _known_categories(recipe: Recipe, facts: Mapping[str, Any]) -> Block:
    """A block that holds each category once, from which the encoder learns the model's ids."""
    import numpy as np

    known = {column["name"]: list(column["values"]) for column in facts.get("categorical", ())}
    size = max((len(values) for values in known.values()), default=1)
    columns = {name: pa.array(np.zeros(size)) for name in recipe.data.numeric}
    for name, values in known.items():
        columns[name] = pa.array(values + [None] * (size - len(values)), pa.string())
    if isinstance(recipe.data.label, str):
        columns.setdefault(recipe.data.label, pa.array(np.zeros(size)))
    return Block(pa.RecordBatch.from_pydict(columns), np.arange(size), "", "")


def _write_empty(folder: Path) -> None:
    """Train and validation without rows, in the form of the test split."""
    with pa.memory_map(str(folder / "test.arrow")) as stream:
        schema = pa.ipc.open_file(stream).schema
    for name in ("train", "validation"):
        with pa.OSFile(str(folder / f"{name}.arrow"), "wb") as sink:
            pa.ipc.new_file(sink, schema).close()


def _as_artifact(folder: Path) -> Artifact:
    try:
        return open_artifact(folder)
    except IntegrityError:
        return Artifact(folder, Manifest(kind="model", identity="unknown", digest="unknown"))


def _judge(recipe: Recipe, dataset: Artifact, model: Artifact, context: Context) -> Artifact:
    from accord.evaluate.stage import evaluate as judge

    return judge(recipe, {"dataset": dataset, "model": model}, context)
