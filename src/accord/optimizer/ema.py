"""An exponential moving average of the trained weights (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import torch
from torch import nn


class Average:
    """Averaged weights beside the model's own.

    The decay is warmed up as min(decay, (1 + t) / (10 + t)), so that the random start of a new
    head is forgotten quickly.

    Args:
        trained: The model's own, by name.
        decay: Share of the average that a step keeps.
    """

    def __init__(self, trained: Mapping[str, nn.Parameter], decay: float) -> None:
        self.trained, self.decay, self.updates = trained, decay, 0
        self.weights = {name: p.detach().clone() for name, p in trained.items()}

    @torch.no_grad()
    def update(self) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, parameter in self.trained.items():
            self.weights[name].lerp_(parameter, 1 - decay)

    @contextmanager
    def applied(self) -> Generator[None]:
        """The model with the averaged weights while the block runs."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    @torch.no_grad()
    def _exchange(self) -> None:
        """In the memory that is there: weights that are divided are read from it."""
        for name, parameter in self.trained.items():
            own = parameter.clone()
            parameter.copy_(self.weights[name])
            self.weights[name].copy_(own)
