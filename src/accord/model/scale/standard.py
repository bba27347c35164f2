"""Numbers of mean 0 and deviation 1."""

from __future__ import annotations

from typing import Literal

from accord.model.scale.scaling import Scaler, ScalerSpec, apart, standardised
from accord.part import part


class Standard(ScalerSpec):
    """Mean 0 and deviation 1, which is what a table's model does without `clean.scale`."""

    kind: Literal["standard"] = "standard"


@part("scaler", Standard)
def standard(spec: Standard) -> Scaler:
    """By mean and deviation of the training rows."""
    return Scaler(standardised, lambda facts, x: apart(x, facts["mean"], facts["std"]))
