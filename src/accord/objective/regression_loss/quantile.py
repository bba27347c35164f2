"""Quantile loss: predicts a quantile of the target instead of its mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class Quantile(Spec):
    """Pinball loss (Koenker and Bassett, 1978)."""

    kind: Literal["quantile"] = "quantile"
    at: float = Field(0.5, gt=0, lt=1)
    """The quantile that is predicted; 0.5 is the median, by absolute error."""


@part("regression-loss", Quantile)
def quantile(spec: Quantile) -> Callable[[torch.Tensor], torch.Tensor]:
    """`2 max(q (t - p), (q - 1) (t - p))`: |r| at the median. Residuals p - t [B], losses [B]."""

    def loss(residuals: torch.Tensor) -> torch.Tensor:
        below = -residuals
        return 2 * (spec.at * below).maximum((spec.at - 1) * below)

    return loss
