"""Adafactor (Shazeer and Stern, 2018): second moments in sublinear memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from accord.part import Spec, part

if TYPE_CHECKING:
    from torch.optim import Optimizer


class Adafactor(Spec):
    """PyTorch's Adafactor; the learning rate is relative to the weights' root mean square."""

    kind: Literal["adafactor"] = "adafactor"
    beta2_decay: float = -0.8
    clip_threshold: float = 1.0


@part("optimizer", Adafactor)
def adafactor(spec: Adafactor, groups: list[dict[str, Any]]) -> Optimizer:
    """PyTorch's Adafactor over the groups."""
    import torch

    return torch.optim.Adafactor(groups, beta2_decay=spec.beta2_decay, d=spec.clip_threshold)
