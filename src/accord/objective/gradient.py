"""How the gradient of a global batch comes about: the seam a privacy plan replaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import torch
from torch import nn

from accord.objective.objective import Batch, Objective

Arithmetic = Callable[[], AbstractContextManager[None]]


class Gradient(Protocol):
    """Fills `.grad` of the trained weights with the gradient of the mean loss."""

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        """The mean loss over all units; gradients are multiplied by `scale`."""
        ...

    def state(self) -> Mapping[str, torch.Tensor]:
        """What it learned over the steps, for checkpoints."""
        ...

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Undo everything since `state`."""
        ...


class Accumulate:
    """The ordinary gradient, exact under any division: loss sums over one common count.

    Dividing each micro-batch by its own count and averaging is wrong whenever counts differ
    (huggingface/transformers#34191); the last, smaller window is no exception here.
    """

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        units = sum(objective.units(batch) for batch in batches)
        total = 0.0
        for batch in batches:
            with arithmetic():
                loss = objective.loss(model, batch) / max(units, 1.0)
            (loss * scale).backward()
            total += float(loss.detach())
        return total

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None


accumulate = Accumulate()
