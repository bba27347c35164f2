"""Missing numbers are the column's mean."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.data.impute.filling import Imputer, ImputerSpec, by_column, filled_with
from accord.part import part


class Mean(ImputerSpec):
    """The mean of the training rows."""

    kind: Literal["mean"] = "mean"


@part("imputer", Mean)
def mean(spec: Mean) -> Imputer:
    """By NumPy."""
    return Imputer(
        lambda values, times: {"fillers": by_column(values, np.mean)},
        lambda facts, values, times: filled_with(values, facts["fillers"]),
    )
