"""AdamW (Loshchilov and Hutter, 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from torch.optim import Optimizer


class AdamW(Spec):
    """Adam with decoupled weight decay, in PyTorch's fused kernel."""

    kind: Literal["adamw"] = "adamw"
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = Field(1e-8, gt=0)


@part("optimizer", AdamW)
def adamw(spec: AdamW, groups: list[dict[str, Any]]) -> Optimizer:
    """Fused AdamW over the groups."""
    import torch

    return torch.optim.AdamW(groups, betas=spec.betas, eps=spec.eps, fused=True)
