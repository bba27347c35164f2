"""Huber loss: targets far off pull no harder than those a few steps away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class Huber(Spec):
    """Squared error near zero, absolute error beyond `delta` (Huber, 1964)."""

    kind: Literal["huber"] = "huber"
    delta: float = Field(0.5, gt=0, allow_inf_nan=False)
    """In standard deviations of the training targets; far beyond all residuals it is squared
    error."""


@part("regression-loss", Huber)
def huber(spec: Huber) -> Callable[[torch.Tensor], torch.Tensor]:
    """`r^2` up to delta, `2 delta |r| - delta^2` beyond. Residuals [B], losses [B]."""

    def loss(residuals: torch.Tensor) -> torch.Tensor:
        size = residuals.abs()
        far = 2 * spec.delta * size - spec.delta**2
        return residuals.square().where(size <= spec.delta, far)

    return loss
