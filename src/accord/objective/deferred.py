"""A gradient of one loss at first, and of another from some step on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from accord.objective.gradient import Arithmetic, Gradient
from accord.objective.objective import Batch, Objective


@dataclass(slots=True)
class Deferred:
    """The gradient of the loop's objective before step `start`, of `later` from then on.

    Args:
        inner: How gradients come about.
        later: The objective from step `start` on.
        start: Steps counted from 0.
        steps: Taken so far.
    """

    inner: Gradient
    later: Objective
    start: int
    steps: int = 0

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        chosen = objective if self.steps < self.start else self.later
        loss = self.inner(model, chosen, batches, arithmetic=arithmetic, scale=scale)
        self.steps += 1
        return loss

    def state(self) -> Mapping[str, torch.Tensor]:
        return {**self.inner.state(), "deferred.steps": torch.tensor(self.steps)}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.steps = int(state["deferred.steps"])
        own = {name: t for name, t in state.items() if name != "deferred.steps"}
        self.inner.restore(own)
