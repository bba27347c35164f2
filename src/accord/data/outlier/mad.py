"""Values far from the median, in median absolute deviations."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, outside
from accord.part import Spec, part

NORMAL = 0.6744897501960817
"""Median absolute deviation of a standard normal variable."""


class Mad(Spec):
    """A modified z-score above `threshold` (Iglewicz and Hoaglin, 1993)."""

    kind: Literal["mad"] = "mad"
    threshold: float = Field(default=3.5, gt=0)
    """Deviations, scaled to be standard deviations of normal values."""


@part("outlier", Mad)
def mad(spec: Mad, values: Values, seed: int) -> Found:
    """By median and median absolute deviation of each column. Where more than half of the values
    are one, the mean absolute deviation stands in, as the authors advise."""
    low, high = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for i, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if not len(known):
            continue
        middle = float(np.median(known))
        away = np.abs(known - middle)
        scale = float(np.median(away)) / NORMAL or float(away.mean()) * 1.2533141373155003
        low[i], high[i] = middle - spec.threshold * scale, middle + spec.threshold * scale
    return outside(values, low, high)
