"""Numbers around their median, in units of the range that holds the middle half."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.model.scale.scaling import Column, Facts, Scaler, ScalerSpec, apart
from accord.part import part

NORMAL = 1.3489795003921634
"""Range between the quartiles of a normal distribution of deviation 1."""


class Robust(ScalerSpec):
    """Median 0, and the range between the quartiles as wide as that of a normal distribution of
    deviation 1: a few values far away move nothing."""

    kind: Literal["robust"] = "robust"


def _learn(values: Column) -> Facts:
    low, middle, high = (float(v) for v in np.percentile(values, (25, 50, 75)))
    # Where the middle half is one value, the deviation is what is left.
    return {"median": middle, "spread": (high - low) / NORMAL or float(values.std())}


@part("scaler", Robust)
def robust(spec: Robust) -> Scaler:
    """By quartiles of the training rows."""
    return Scaler(_learn, lambda facts, x: apart(x, facts["median"], facts["spread"]))
