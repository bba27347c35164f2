"""The order that a recipe's sampler gives."""

from __future__ import annotations

import numpy as np

from accord.batch import PreparedSplit
from accord.batch.order import Drawn, Order, Shuffled
from accord.errors import RecipeError
from accord.part import find
from accord.recipe.tree import Recipe
from accord.sampler.setting import Kinds


def order_of(recipe: Recipe, split: PreparedSplit) -> Order:
    """Every row once, unless `balance.sampler` wants kinds of rows more or less often.

    Raises:
        RecipeError: Rows have several labels, and no column is named instead.
    """
    spec = recipe.balance.sampler
    if spec is None:
        return Shuffled(split.rows)
    column = getattr(spec, "by", None)
    if column is not None:
        names = tuple(split.schema["carried"][column])
        index = {name: number for number, name in enumerate(names)}
        values = split.table[f"carried:{column}"].to_pylist()
        kinds = np.array([index[value] for value in values], dtype=np.int64)
    elif split.schema["problem"] == "single-label":
        names = tuple(split.schema["labels"])
        kinds = split.table["label"].to_numpy().astype(np.int64)
    else:
        raise RecipeError(
            "`balance.sampler` has no meaning for rows with several labels",
            code="recipe-conflict",
            path="balance.sampler",
            got=split.schema["problem"],
            expected="one label a row, or a column of sources",
            fix="name a column: `by: COLUMN`, or remove `sampler`",
        )
    counts = np.bincount(kinds, minlength=len(names)).astype(np.int64)
    return Drawn(kinds, find("sampler", spec.kind)(spec, Kinds(names, counts)))
