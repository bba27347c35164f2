"""Numbers from 0 to 1."""

from __future__ import annotations

from typing import ClassVar, Literal

from accord.model.scale.scaling import Column, Facts, Scaler, ScalerSpec, apart
from accord.part import part


class MinMax(ScalerSpec):
    """The least value of the training rows is 0, the greatest 1; new ones may lie beyond."""

    keeps_rows: ClassVar[bool] = True

    kind: Literal["min-max"] = "min-max"


def _learn(values: Column) -> Facts:
    return {"least": float(values.min()), "greatest": float(values.max())}


def _apply(facts: Facts, values: Column) -> Column:
    return apart(values, facts["least"], facts["greatest"] - facts["least"])


@part("scaler", MinMax)
def min_max(spec: MinMax) -> Scaler:
    """By the ends of the training rows."""
    return Scaler(_learn, _apply)
