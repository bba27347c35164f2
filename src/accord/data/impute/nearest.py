"""Missing numbers are the mean of the rows most alike in the others."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.data.impute.filling import Facts, Imputer, ImputerSpec, Values, by_column, filled_with
from accord.part import part

PIECE = 256
"""Rows compared with all donors at once."""


class Nearest(ImputerSpec):
    """The mean of the `neighbours` training rows nearest by the values that both have (Troyanskaya
    et al., 2001), each column scaled to its deviation; the column's mean where none compares."""

    kind: Literal["nearest"] = "nearest"
    keeps_rows: ClassVar[bool] = True
    neighbours: int = Field(default=5, ge=1)
    most: int = Field(default=2000, ge=1)
    """Training rows that values are taken from, spread evenly; they are kept with the model."""


@part("imputer", Nearest)
def nearest(spec: Nearest) -> Imputer:
    """As scikit-learn's KNNImputer on scaled columns."""

    def learn(values: Values, times: npt.NDArray[np.float64]) -> Facts:
        kept = np.unique(np.linspace(0, len(values) - 1, min(spec.most, len(values))).astype(int))
        rows = [[None if np.isnan(v) else v for v in row] for row in values[kept].tolist()]
        scales = [scale or 1.0 for scale in by_column(values, np.std)]
        return {"rows": rows, "scales": scales, "fillers": by_column(values, np.mean)}

    def fill(facts: Facts, values: Values, times: npt.NDArray[np.float64]) -> Values:
        donors = np.array(facts["rows"], dtype=np.float64).reshape(-1, values.shape[1])
        filled = values.copy()
        due = np.flatnonzero(np.isnan(values).any(axis=1))
        for start in range(0, len(due), PIECE):
            rows = due[start : start + PIECE]
            filled[rows] = _from_donors(values[rows], donors, facts["scales"], spec.neighbours)
        return filled_with(filled, facts["fillers"])

    return Imputer(learn, fill)


def _from_donors(values: Values, donors: Values, scales: list[float], neighbours: int) -> Values:
    """Missing values from the nearest donors that know them; NaN where none is comparable."""
    distances, filled = _distances(values, donors, scales), values.copy()
    for column in range(values.shape[1]):
        able = np.flatnonzero(~np.isnan(donors[:, column]))
        rows = np.flatnonzero(np.isnan(values[:, column]))
        if not len(able) or not len(rows):
            continue
        own = distances[np.ix_(rows, able)]
        order = np.argsort(own, axis=1, kind="stable")[:, :neighbours]
        near = np.isfinite(np.take_along_axis(own, order, axis=1))
        given = donors[able, column][order]
        found, counts = np.zeros(len(rows)), near.sum(axis=1)
        for place in range(order.shape[1]):
            found += np.where(near[:, place], given[:, place], 0.0)
        filled[rows, column] = np.where(counts > 0, found / np.maximum(counts, 1), np.nan)
    return filled


def _distances(values: Values, donors: Values, scales: list[float]) -> Values:
    """Mean squared distances of what both have (Dixon, 1979); infinite where that is nothing.

    Column by column, not as products of matrices: their last bits hang on how many rows there are.
    """
    squares = np.zeros((len(values), len(donors)))
    both = np.zeros((len(values), len(donors)))
    for column, scale in enumerate(scales):
        apart = (values[:, column, None] - donors[None, :, column]) / scale
        known = ~np.isnan(apart)
        squares += np.where(known, apart * apart, 0.0)
        both += known
    return np.where(both > 0, squares / np.maximum(both, 1), np.inf)
