"""Numbers by their rank, spread as a normal distribution."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.model.scale.scaling import Column, Facts, Scaler, ScalerSpec
from accord.part import part

EDGE = 1e-7
"""Chance beyond which a value counts as the last: about 5.2 deviations."""


class Quantile(ScalerSpec):
    """The rank among the training rows as a normal distribution has it; values beyond theirs count
    as their least or greatest."""

    keeps_rows: ClassVar[bool] = True

    kind: Literal["quantile"] = "quantile"
    marks: int = Field(default=1000, ge=10)
    """Values that are kept of each column, in `accord.json`; between them lie straight lines."""


def _apply(facts: Facts, values: Column) -> Column:
    from scipy.special import ndtri

    marks = np.array(facts["marks"], dtype=np.float64)
    if marks[0] == marks[-1]:
        return np.zeros_like(values)
    shares = np.linspace(0, 1, len(marks))
    # Of a value that stands at several marks the middle one counts: once from either side.
    up = np.interp(values, marks, shares)
    down = np.interp(-values, -marks[::-1], -shares[::-1])
    return ndtri(np.clip((up - down) / 2, EDGE, 1 - EDGE))


@part("scaler", Quantile)
def quantile(spec: Quantile) -> Scaler:
    """By quantiles of the training rows."""

    def learn(values: Column) -> Facts:
        shares = np.linspace(0, 1, min(spec.marks, max(2, len(values))))
        # Rounding must not turn two neighbours around.
        marks = np.maximum.accumulate(np.quantile(values, shares))
        return {"marks": marks.tolist()}

    return Scaler(learn, _apply)
