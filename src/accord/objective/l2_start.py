"""L2 distance to the starting weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.objective.penalised import Penalty
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class L2Start(Spec):
    """Keeps the weights near the pretrained ones (L2-SP, Li et al., 2018)."""

    kind: Literal["l2-start"] = "l2-start"
    weight: float = Field(0.01, ge=0)


@part("penalty", L2Start)
def l2_start(spec: L2Start, model: nn.Module) -> Penalty:
    """`weight / 2 * sum (w - w_start)^2` over the trained weights; starts from `model` as it is."""
    start = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}

    def penalty(current: nn.Module) -> torch.Tensor:
        trained = ((n, p) for n, p in current.named_parameters() if p.requires_grad)
        return spec.weight / 2 * sum((p - start[n].to(p.device)).square().sum() for n, p in trained)  # type: ignore[return-value]

    return penalty
