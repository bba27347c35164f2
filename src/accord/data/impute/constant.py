"""Missing numbers are one number."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.data.impute.filling import Imputer, ImputerSpec, filled_with
from accord.part import part


class Constant(ImputerSpec):
    """The same number in every column."""

    kind: Literal["constant"] = "constant"
    value: float = Field(default=0.0, allow_inf_nan=False)


@part("imputer", Constant)
def constant(spec: Constant) -> Imputer:
    """Nothing is learned."""
    return Imputer(
        lambda values, times: {"fillers": [spec.value] * values.shape[1]},
        lambda facts, values, times: filled_with(values, facts["fillers"]),
    )
