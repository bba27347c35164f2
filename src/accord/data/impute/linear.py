"""Missing numbers of a series are drawn straight between the known ones around them in time."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.data.impute.filling import Facts, Imputer, ImputerSpec, Values, filled_with
from accord.part import part


class Linear(ImputerSpec):
    """Linear interpolation of the training rows in the order of `order_by`; beyond their ends, the
    first and last known value; without a time, the mean."""

    kind: Literal["linear"] = "linear"
    keeps_rows: ClassVar[bool] = True
    order_by: str = Field(min_length=1)
    """Column of numbers or times."""
    most: int = Field(default=2000, ge=2)
    """Known values of each column that are kept with the model, spread evenly."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The column that gives the order."""
        return (self.order_by,)


@part("imputer", Linear)
def linear(spec: Linear) -> Imputer:
    """By NumPy; values of one time count as their mean."""

    def learn(values: Values, times: npt.NDArray[np.float64]) -> Facts:
        return {"columns": [_knots(column, times, spec.most) for column in values.T]}

    return Imputer(learn, _fill)


def _knots(column: Values, times: npt.NDArray[np.float64], most: int) -> dict[str, Any]:
    sound = ~np.isnan(column) & ~np.isnan(times)
    at, place, often = np.unique(times[sound], return_inverse=True, return_counts=True)
    known = np.bincount(place, column[sound], minlength=len(at)) / np.maximum(often, 1)
    kept = np.unique(np.linspace(0, len(at) - 1, min(most, len(at))).round().astype(np.int64))
    mean = float(known.mean()) if len(known) else 0.0
    return {"times": at[kept].tolist(), "values": known[kept].tolist(), "mean": mean}


def _fill(facts: Facts, values: Values, times: npt.NDArray[np.float64]) -> Values:
    filled = values.copy()
    for i, column in enumerate(facts["columns"]):
        due = np.isnan(values[:, i]) & ~np.isnan(times)
        if column["times"]:
            filled[due, i] = np.interp(times[due], column["times"], column["values"])
    return filled_with(filled, [column["mean"] for column in facts["columns"]])
