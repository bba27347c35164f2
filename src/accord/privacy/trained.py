"""The trained weights of a model, as one flat sum of gradients."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Trained:
    """Trained weights and where their gradients are summed.

    Args:
        weights: By name, each once.
        flat: Room for all gradients one after the other, fp32.
        totals: The part of each weight (by id), in its shape.
        layers: Number of the layer of each weight (by id): of the first module that owns it.
        count: How many layers there are.
        several: Weights (ids) that more than one module owns.
    """

    weights: Mapping[str, nn.Parameter]
    flat: torch.Tensor
    totals: Mapping[int, torch.Tensor]
    layers: Mapping[int, int]
    count: int
    several: frozenset[int]

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
        device = next(iter(weights.values())).device
        flat = torch.zeros(sum(p.numel() for p in weights.values()), device=device)
        parts = flat.split([p.numel() for p in weights.values()])
        totals = {
            id(p): part.view(p.shape) for p, part in zip(weights.values(), parts, strict=True)
        }
        several = frozenset(key for key, own in owners.items() if len(own) > 1)
        return cls(weights, flat, totals, layers, len(numbers), several)

    def is_of(self, model: nn.Module) -> bool:
        """Whether these are still the trained weights of a model."""
        found = [id(p) for p in model.parameters() if _trained(p)]
        return found == list(self.totals)

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
        sums = torch.zeros(self.count, device=self.flat.device)
        for weight in self.weights.values():
            if weight.grad is not None:
                norm = torch.linalg.vector_norm(weight.grad, dtype=torch.float32)
                sums[self.layers[id(weight)]] += norm.square()
        return sums

    def add(self, factors: torch.Tensor) -> None:
        """Add the gradient at hand, times a factor for each layer [layers], to the sum."""
        for weight in self.weights.values():
            if weight.grad is not None:
                factor = factors[self.layers[id(weight)]]
                self.totals[id(weight)].addcmul_(weight.grad.float(), factor)

    def hand_over(self, reached: Container[int] | None = None) -> None:
        """The sum becomes the gradient of all weights, or of these (ids)."""
        for weight in self.weights.values():
            due = reached is None or id(weight) in reached
            weight.grad = self.totals[id(weight)].to(weight.dtype) if due else None


def _trained(weight: nn.Parameter) -> bool:
    return weight.requires_grad and weight.numel() > 0
