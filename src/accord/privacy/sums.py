"""The sum of units' gradients for each trained weight."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import nn

from accord.batch.team import Team
from accord.privacy.chain import Chain

Pour = Callable[[nn.Parameter, torch.Tensor], None]
"""Adds what there is of a weight to an fp32 tensor of its shape."""


class Sums(Protocol):
    """They take memory from their first use until they are handed over: not while a step's first
    micro-batch is computed, where activations take the most."""

    def add(self, pour: Pour, reached: Container[int]) -> None:
        """Add to the sums of those weights (ids) that something has reached."""
        ...

    def chain(self) -> Chain:
        """Those of all weights, in their order."""
        ...

    def gather(self, team: Team) -> None:
        """Put the sums of all processes together."""
        ...

    def divide(self, units: float) -> None:
        """Make means of the sums."""
        ...

    def forget(self) -> None:
        """Sums of nothing, which take no memory."""
        ...

    def hand_over(self, reached: Container[int] | None = None) -> None:
        """The sums become the gradients of all weights, or of these (ids), and are theirs alone."""
        ...


@dataclass(slots=True)
class WholeSums:
    """Of weights that every process holds.

    Args:
        weights: By id.
    """

    weights: Mapping[int, nn.Parameter]
    _totals: dict[int, torch.Tensor] = field(default_factory=dict[int, torch.Tensor], init=False)

    def add(self, pour: Pour, reached: Container[int]) -> None:
        for key, weight in self.weights.items():
            if key in reached:
                pour(weight, self._total(key))

    def chain(self) -> Chain:
        return Chain.of([self._total(key) for key in self.weights])

    def gather(self, team: Team) -> None:
        team.add(self.chain().tensors)

    def divide(self, units: float) -> None:
        for total in self._totals.values():
            total.div_(units)

    def forget(self) -> None:
        self._totals.clear()

    def hand_over(self, reached: Container[int] | None = None) -> None:
        for key, weight in self.weights.items():
            due = reached is None or key in reached
            weight.grad = self._total(key).to(weight.dtype) if due else None
            self._totals.pop(key, None)

    def _total(self, key: int) -> torch.Tensor:
        if key not in self._totals:
            own = self.weights[key]
            self._totals[key] = torch.zeros(own.shape, device=own.device)
        return self._totals[key]
