"""L2 norm of the weights, as part of the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.objective.penalised import Penalty
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class L2(Spec):
    """Coupled L2 regularisation; unlike `weight_decay` it goes through the optimizer."""

    kind: Literal["l2"] = "l2"
    weight: float = Field(0.01, ge=0)


@part("penalty", L2)
def l2(spec: L2, model: nn.Module) -> Penalty:
    """`weight / 2 * sum w^2` over the trained weights."""

    def penalty(current: nn.Module) -> torch.Tensor:
        trained = (p for p in current.parameters() if p.requires_grad)
        return spec.weight / 2 * sum(p.square().sum() for p in trained)  # type: ignore[return-value]

    return penalty
