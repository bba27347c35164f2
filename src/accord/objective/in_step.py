"""The gradient of processes that go through a model together, each with its own rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from accord.batch.team import Team
from accord.objective.gradient import Arithmetic
from accord.objective.objective import Batch, Objective


@dataclass(slots=True)
class InStep:
    """The ordinary gradient where weights are divided over a team: every pass is one of all.

    A process with fewer micro-batches goes through its smallest again, which then counts nothing.
    What the model makes of the gradients is their sum over all (`accord.parallel.shards`).

    Args:
        team: The processes. Each has a micro-batch in every step (`Dealt(filled=True)`).
    """

    team: Team

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
        every, passes = self._agreed(units, len(batches))
        smallest = min(batches, key=lambda batch: batch["rows"].shape[0])
        total = 0.0
        for number in range(passes):
            own = number < len(batches)
            with arithmetic():
                found = objective.loss(model, batches[number] if own else smallest)
                loss = found / max(every, 1.0) * float(own)
            (loss * scale).backward()
            total += float(loss.detach())
        return self.team.add_numbers(total)[0]

    def _agreed(self, units: float, batches: int) -> tuple[float, int]:
        """Units of all, and the most micro-batches that one of them has."""
        told = [0.0] * self.team.size
        told[self.team.rank] = float(batches)
        every, *counts = self.team.add_numbers(units, *told)
        return every, round(max(counts))

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None
