"""Values far outside the quartiles: Tukey's fences."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, outside
from accord.part import Spec, part


class Iqr(Spec):
    """More than `factor` interquartile ranges below the first quartile or above the third (Tukey,
    1977)."""

    kind: Literal["iqr"] = "iqr"
    factor: float = Field(default=1.5, gt=0)
    """Interquartile ranges; 3 for far-out values only."""


@part("outlier", Iqr)
def iqr(spec: Iqr, values: Values, seed: int) -> Found:
    """By the quartiles of each column."""
    low, high = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for i, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if len(known):
            first, third = np.percentile(known, (25, 75))
            low[i] = first - spec.factor * (third - first)
            high[i] = third + spec.factor * (third - first)
    return outside(values, low, high)
