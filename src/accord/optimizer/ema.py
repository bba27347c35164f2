"""An exponential moving average of the trained weights (Polyak and Juditsky, 1992)."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import torch
from torch import nn


class Average:
    """Averaged weights beside the model's own.

    The decay is warmed up as min(decay, (1 + t) / (10 + t)), so that the random start of a new
    head is forgotten quickly.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.weights = {n: p.detach().clone() for n, p in _trained(model)}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for name, parameter in _trained(model):
            self.weights[name].lerp_(parameter, 1 - decay)

    @contextmanager
    def applied(self, model: nn.Module) -> Generator[None]:
        """The model with the averaged weights while the block runs."""
        own = {n: p.data for n, p in _trained(model)}
        for name, parameter in _trained(model):
            parameter.data = self.weights[name]
        try:
            yield
        finally:
            for name, parameter in _trained(model):
                parameter.data = own[name]


def _trained(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    return ((n, p) for n, p in model.named_parameters() if p.requires_grad)
