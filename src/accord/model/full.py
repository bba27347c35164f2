"""Full fine-tuning: every weight is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from accord.part import Spec, part

if TYPE_CHECKING:
    from torch import nn


class Full(Spec):
    """Every weight is trained."""

    kind: Literal["full"] = "full"


@part("adapter", Full)
def full(spec: Full, model: nn.Module) -> nn.Module:
    """The model itself."""
    return model
