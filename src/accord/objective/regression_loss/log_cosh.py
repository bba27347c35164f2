"""Log-cosh loss: like Huber's, without a corner."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class LogCosh(Spec):
    """Squared error near zero that turns into absolute error smoothly."""

    kind: Literal["log-cosh"] = "log-cosh"
    scale: float = Field(0.5, gt=0, allow_inf_nan=False)
    """Where it turns, in standard deviations of the training targets."""


@part("regression-loss", LogCosh)
def log_cosh(spec: LogCosh) -> Callable[[torch.Tensor], torch.Tensor]:
    """`2 scale^2 log cosh(r / scale)`, about `r^2` near zero. Residuals [B], losses [B]."""

    def loss(residuals: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        size = residuals.abs() / spec.scale
        # log cosh x = x + log(1 + exp(-2x)) - log 2, which does not overflow.
        return 2 * spec.scale**2 * (size + functional.softplus(-2 * size) - math.log(2))

    return loss
