"""The trained weights of a model, as one flat sum of gradients."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass(slots=True)
class Trained:
    """Trained weights and where their gradients are summed.

    The sum takes memory from its first use until it is handed over: not while a step's first
    micro-batch is computed, where activations take the most.

    Args:
        weights: By name, each once.
        layers: Number of the layer of each weight (by id): of the first module that owns it.
        count: How many layers there are.
        several: Weights (ids) that more than one module owns.
    """

    weights: Mapping[str, nn.Parameter]
    layers: Mapping[int, int]
    count: int
    several: frozenset[int]
    _sum: torch.Tensor | None = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, model: nn.Module) -> Trained:
        """Those of a model that want a gradient and hold a number."""
        weights = {name: p for name, p in model.named_parameters() if _trained(p)}
        owners: dict[int, list[nn.Module]] = {}
        for module in model.modules():
            for weight in module.parameters(recurse=False):
                if _trained(weight):
                    owners.setdefault(id(weight), []).append(module)
        numbers: dict[nn.Module, int] = {}
        layers = {key: numbers.setdefault(own[0], len(numbers)) for key, own in owners.items()}
        several = frozenset(key for key, own in owners.items() if len(own) > 1)
        return cls(weights, layers, len(numbers), several)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(iter(self.weights.values())).device

    @property
    def size(self) -> int:
        """How many numbers they hold."""
        return sum(p.numel() for p in self.weights.values())

    @property
    def flat(self) -> torch.Tensor:
        """The sum of all gradients, one after the other, fp32; of none if it is new."""
        if self._sum is None:
            self._sum = torch.zeros(self.size, device=self.device)
        return self._sum

    @property
    def totals(self) -> Mapping[int, torch.Tensor]:
        """The part of it of each weight (by id), in its shape."""
        parts = self.flat.split([p.numel() for p in self.weights.values()])
        weights = self.weights.values()
        return {id(p): part.view(p.shape) for p, part in zip(weights, parts, strict=True)}

    def forget(self) -> None:
        """A sum of nothing, which takes no memory."""
        self._sum = None

    def is_of(self, model: nn.Module) -> bool:
        """Whether these are still the trained weights of a model."""
        found = [id(p) for p in model.parameters() if _trained(p)]
        return found == [id(p) for p in self.weights.values()]

    def clear(self) -> None:
        """No gradient anywhere."""
        for weight in self.weights.values():
            weight.grad = None

    def found(self) -> set[int]:
        """Weights (ids) that ordinary differentiation has given a gradient."""
        return {id(p) for p in self.weights.values() if p.grad is not None}

    def name(self, weight: int) -> str:
        """Of a weight given by its id."""
        return next(name for name, p in self.weights.items() if id(p) == weight)

    def squares(self) -> torch.Tensor:
        """Squared norm of the gradient at hand in each layer. fp32 [layers]."""
        sums = torch.zeros(self.count, device=self.device)
        for weight in self.weights.values():
            if weight.grad is not None:
                norm = torch.linalg.vector_norm(weight.grad, dtype=torch.float32)
                sums[self.layers[id(weight)]] += norm.square()
        return sums

    def add(self, factors: torch.Tensor) -> None:
        """Add the gradient at hand, times a factor for each layer [layers], to the sum."""
        totals = self.totals
        for weight in self.weights.values():
            if weight.grad is not None:
                factor = factors[self.layers[id(weight)]]
                totals[id(weight)].addcmul_(weight.grad.float(), factor)

    def hand_over(self, reached: Container[int] | None = None) -> None:
        """The sum becomes the gradient of all weights, or of these (ids), and is theirs alone."""
        totals = self.totals
        for weight in self.weights.values():
            due = reached is None or id(weight) in reached
            weight.grad = totals[id(weight)].to(weight.dtype) if due else None
        self.forget()


def _trained(weight: nn.Parameter) -> bool:
    return weight.requires_grad and weight.numel() > 0
