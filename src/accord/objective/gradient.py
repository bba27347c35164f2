"""How the gradient of a global batch comes about: the seam a privacy plan replaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from accord.batch.team import ALONE, Team
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


@dataclass(slots=True)
class Accumulate:
    """The ordinary gradient, exact under any division: loss sums over one common count.

    Dividing each micro-batch by its own count and averaging is wrong whenever counts differ
    (huggingface/transformers#34191); the last, smaller window is no exception here, nor is a
    process of a team that has fewer units than others, or none.
    """

    team: Team = ALONE

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
        return total if self.team.size == 1 else self._together(model, total, units)

    def _together(self, model: nn.Module, mean: float, units: float) -> float:
        """The mean over the units of all processes, from that over a process's own."""
        own = max(units, 1.0)
        every, total = self.team.add_numbers(units, mean * own)
        every = max(every, 1.0)
        weights = [p for p in model.parameters() if p.requires_grad]
        # A weight that no process has a gradient of must not get one of zeros.
        reached = torch.tensor([float(p.grad is not None) for p in weights])
        self.team.add([reached])
        due = [p for p, seen in zip(weights, reached.tolist(), strict=True) if seen]
        for weight in due:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
            weight.grad.mul_(own / every)
        self.team.add([weight.grad for weight in due if weight.grad is not None])
        return total / every

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None


accumulate = Accumulate()
