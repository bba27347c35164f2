"""Values far from the mean, in standard deviations."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, outside
from accord.part import Spec, part


class ZScore(Spec):
    """More than `threshold` standard deviations from the mean. A few wild values move both, and may
    hide one another; `mad` does not have that fault."""

    kind: Literal["z-score"] = "z-score"
    threshold: float = Field(default=3.0, gt=0)
    """Standard deviations."""


@part("outlier", ZScore)
def z_score(spec: ZScore, values: Values, seed: int) -> Found:
    """By mean and deviation of each column."""
    known = np.ma.masked_invalid(values)
    mean = known.mean(axis=0).filled(0.0)
    reach = spec.threshold * known.std(axis=0).filled(0.0)
    return outside(values, mean - reach, mean + reach)
