"""Evaluation by itself: a saved model, a recipe that names the columns, and any data."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accord.directories import model_folder
from accord.errors import RecipeError
from accord.recipe.load import Loaded, load_recipe


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
        data: File or folder of rows; by default the test split of the recipe.
        recipe: Says what the columns mean and under which agreement; that of the run by default.
        set: `path.to.field=value` overrides.
        output: Where metrics and predictions are kept; nowhere by default.

    Returns:
        The `test` block of `metrics.json`: `metrics`, `intervals`, `per_class`, `slices` ...

    Raises:
        RecipeError: There is no model or no recipe.
        DataError: The data do not fit the model.
    """
    from accord.evaluate.standalone import evaluate_model

    folder, loaded = model_folder(Path(model)), _loaded(Path(model), recipe, set)
    location = str(Path(data).resolve()) if data and "://" not in data else data
    with loaded.placing(), tempfile.TemporaryDirectory() as scratch:
        target = Path(output) if output is not None else Path(scratch)
        return evaluate_model(folder, loaded.recipe, loaded.base, location, target)


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
