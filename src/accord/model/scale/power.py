"""Numbers raised to the power that makes them most like a normal distribution."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from accord.model.scale.scaling import Column, Facts, Scaler, ScalerSpec, apart, standardised
from accord.part import part


class YeoJohnson(ScalerSpec):
    """The power transform of Yeo and Johnson (2000), its power by maximum likelihood, then mean 0
    and deviation 1: for skewed columns, negative values included."""

    kind: Literal["yeo-johnson"] = "yeo-johnson"


def _powered(values: Column, power: float) -> Column:
    """The transform, as the paper writes it; the limits at 0 and 2 are logarithms."""
    up, down = np.log1p(np.maximum(values, 0)), np.log1p(np.maximum(-values, 0))
    above = up if abs(power) < 1e-12 else np.expm1(power * up) / power
    below = down if abs(power - 2) < 1e-12 else np.expm1((2 - power) * down) / (2 - power)
    return np.where(values >= 0, above, -below)


def _learn(values: Column) -> Facts:
    if values.min() == values.max():
        return {"power": 1.0, **standardised(values)}
    power = _best(values)
    return {"power": power, **standardised(_powered(values, power))}


def _best(values: Column) -> float:
    from scipy.stats import yeojohnson

    find: Any = yeojohnson
    return float(find(values)[1])


def _apply(facts: Facts, values: Column) -> Column:
    with np.errstate(over="ignore"):
        found = _powered(values, facts["power"])
    return apart(found, facts["mean"], facts["std"])


@part("scaler", YeoJohnson)
def yeo_johnson(spec: YeoJohnson) -> Scaler:
    """By SciPy's estimate of the power."""
    return Scaler(_learn, _apply)
