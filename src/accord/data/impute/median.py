"""Missing numbers are the column's median."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.data.impute.filling import Imputer, ImputerSpec, by_column, filled_with
from accord.part import part


class Median(ImputerSpec):
    """The median of the training rows."""

    kind: Literal["median"] = "median"


@part("imputer", Median)
def median(spec: Median) -> Imputer:
    """By NumPy."""
    return Imputer(
        lambda values, times: {"fillers": by_column(values, np.median)},
        lambda facts, values, times: filled_with(values, facts["fillers"]),
    )
