"""Numbers by their order of magnitude."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.model.scale.scaling import Column, Scaler, ScalerSpec, apart, standardised
from accord.part import part


class Log(ScalerSpec):
    """`sign(x) log(1 + |x|)`, then mean 0 and deviation 1: for amounts and counts."""

    kind: Literal["log"] = "log"


def _log(values: Column) -> Column:
    return np.sign(values) * np.log1p(np.abs(values))


@part("scaler", Log)
def log(spec: Log) -> Scaler:
    """By mean and deviation of the logarithms."""
    return Scaler(
        lambda x: standardised(_log(x)),
        lambda facts, x: apart(_log(x), facts["mean"], facts["std"]),
    )
