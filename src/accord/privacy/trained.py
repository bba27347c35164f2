"""The trained weights of a model, and the sum of gradients of each."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass(slots=True)
class Trained:
    """Trained weights and where their gradients are summed.

    A sum takes memory from its first use until it is handed over: not while a step's first
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
    _by_id: Mapping[int, nn.Parameter] = field(init=False, repr=False)
    _totals: dict[int, torch.Tensor] = field(default_factory=dict[int, torch.Tensor], init=False)

    def __post_init__(self) -> None:
        self._by_id = {id(weight): weight for weight in self.weights.values()}

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

    def total(self, weight: int) -> torch.Tensor:
        """The sum of a weight (by id), fp32 in its shape; of nothing if it is new."""
        if weight not in self._totals:
            own = self._by_id[weight]
            self._totals[weight] = torch.zeros(own.shape, device=own.device)
        return self._totals[weight]

    def totals(self) -> list[torch.Tensor]:
        """Those of all weights, in their order."""
        return [self.total(weight) for weight in self._by_id]

    def forget(self) -> None:
        """Sums of nothing, which take no memory."""
        self._totals.clear()

    def is_of(self, model: nn.Module) -> bool:
        """Whether these are still the trained weights of a model."""
        found = [id(p) for p in model.parameters() if _trained(p)]
        return found == list(self._by_id)

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
        for weight in self.weights.values():
            if weight.grad is not None:
                factor = factors[self.layers[id(weight)]]
                self.total(id(weight)).addcmul_(weight.grad.float(), factor)

    def hand_over(self, reached: Container[int] | None = None) -> None:
        """The sums become the gradients of all weights, or of these (ids), and are theirs alone."""
        for weight in self.weights.values():
            due = reached is None or id(weight) in reached
            weight.grad = self.total(id(weight)).to(weight.dtype) if due else None
            self._totals.pop(id(weight), None)


def _trained(weight: nn.Parameter) -> bool:
    return weight.requires_grad and weight.numel() > 0
