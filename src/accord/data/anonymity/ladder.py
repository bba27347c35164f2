"""What a way of generalising is: the values of a column, level by level coarser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accord.part import Spec

Value = str | float | None
"""In columns of text texts, None where missing; in columns of numbers floats, NaN where missing."""
STAR = "*"
"""The text that says nothing any more."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A column's levels, from its values as they are (0) to one value for all (`levels`).

    The part of slot `generalisation` is a function `(spec, base, values, field) -> Ladder`: `base`
    is the folder that paths start from, `values` are the different values of all rows, `field` is
    the recipe field for errors.

    Args:
        levels: The top level, at least 1.
        value: What a value becomes at a level. A missing value stays missing below the top;
            numbers become numbers and texts texts.
        fixed: A spec that makes the same ladder from no values: what a trained model keeps.
        share: The share of the column's range that a value of a level covers, in [0, 1]; None to
            count the different values it stands for.

    Guarantees:
        Values that are one at a level are one at every higher level.
    """

    levels: int
    value: Callable[[Value, int], Value]
    fixed: Spec
    share: Callable[[int], float] | None = None
