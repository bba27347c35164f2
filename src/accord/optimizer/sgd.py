"""Stochastic gradient descent with momentum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from torch.optim import Optimizer


class SGD(Spec):
    """SGD; weight decay is coupled, as usual for it."""

    kind: Literal["sgd"] = "sgd"
    momentum: float = Field(0.9, ge=0, lt=1)
    nesterov: bool = False


@part("optimizer", SGD)
def sgd(spec: SGD, groups: list[dict[str, Any]]) -> Optimizer:
    """Fused SGD over the groups."""
    import torch

    return torch.optim.SGD(
        groups, momentum=spec.momentum, nesterov=spec.nesterov and spec.momentum > 0, fused=True
    )
