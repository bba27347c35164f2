"""What a detector finds in a table of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
"""Training rows [n, d]; NaN where missing."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Found:
    """Outlying rows, and which of their values it is due to where the detector knows.

    A part of slot `outlier` is a function `(spec, values, seed) -> Found`. Missing values are never
    outlying. Its answer is a pure function of its arguments, and rows in another order give the
    same rows (but for detectors of sequences).

    Args:
        rows: Shape [n].
        cells: Shape [n, d]; None of a detector that judges rows as a whole.
        low, high: Least and greatest value of each column that is no outlier. Shapes [d]; None
            where no such bounds exist.
    """

    rows: Mask
    cells: Mask | None = None
    low: Values | None = None
    high: Values | None = None


def outside(values: Values, low: Values, high: Values) -> Found:
    """What lies outside the bounds of its column."""
    cells = (values < low) | (values > high)
    return Found(np.any(cells, axis=1, keepdims=True)[:, 0], cells, low, high)


def filled(values: Values) -> Values:
    """Missing values as their column's median, for detectors that take none."""
    with np.errstate(all="ignore"):
        middle = np.array([_median(column) for column in values.T])
    return np.where(np.isnan(values), middle, values)


def standardised(values: Values) -> Values:
    """Columns of mean 0 and deviation 1, without missing values; constant ones are 0."""
    whole = filled(values)
    deviation = whole.std(axis=0)
    return (whole - whole.mean(axis=0)) / np.where(deviation > 0, deviation, 1)


def highest(scores: Values, share: float) -> Mask:
    """The rows with the highest scores, `share` of all. Shape of `scores`: [n]."""
    count = round(share * len(scores))
    rows = np.zeros(len(scores), dtype=bool)
    rows[np.argsort(-scores, kind="stable")[:count]] = True
    return rows


def _median(column: Values) -> float:
    known = column[~np.isnan(column)]
    return float(np.median(known)) if len(known) else 0.0
