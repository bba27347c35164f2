"""What a part of slot `imputer` is: it learns from training rows, and tells in JSON what it
learned, so that a trained model can do the same to new rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from accord.part import Spec

Values = npt.NDArray[np.float64]
"""Rows [n, d]; NaN where missing, never infinite."""
Facts = dict[str, Any]


class ImputerSpec(Spec):
    """Base of an imputer's description. The first of its `looks_at`, if any, gives `times`."""

    keeps_rows: ClassVar[bool] = False
    """Whether what it learned holds values of single training rows."""


@dataclass(frozen=True, slots=True)
class Imputer:
    """A part is a function `(spec) -> Imputer`.

    Args:
        learn: `(values, times) -> facts`: from the training rows; `times` [n] are 0 of a part that
            looks at none. The facts are JSON.
        fill: `(facts, values, times) -> values`: without NaN, known values as they were, each row
            by itself, to the last bit.
    """

    learn: Callable[[Values, npt.NDArray[np.float64]], Facts]
    fill: Callable[[Facts, Values, npt.NDArray[np.float64]], Values]


def filled_with(values: Values, fillers: npt.ArrayLike) -> Values:
    """Missing values as their column's filler. Shape of `fillers`: [d]."""
    return np.where(np.isnan(values), np.asarray(fillers, dtype=np.float64), values)


def by_column(values: Values, figure: Callable[[Values], Any]) -> list[float]:
    """A figure of the known values of each column; 0 of one without any."""
    known = (column[~np.isnan(column)] for column in values.T)
    return [float(figure(column)) if len(column) else 0.0 for column in known]
