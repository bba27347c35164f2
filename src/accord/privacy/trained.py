"""The trained weights of a model, and the sum of gradients of each."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import ClassVar, Self

import torch
from torch import nn

from accord.batch.team import Team
from accord.privacy.chain import Chain
from accord.privacy.tape import Fleeting, Tape


@dataclass(slots=True)
class Trained:
    """Trained weights and where their gradients are summed.

    A sum takes memory from its first use until it is handed over: not while a step's first
    micro-batch is computed, where activations take the most.

    Args:
        weights: By name, each once: what modules compute with, and gradients come to.
        held: The same as the model holds them between passes, in this order.
        layers: Number of the layer of each weight (by id): of the first module that owns it.
        count: How many layers there are.
        several: Weights (ids) that more than one module owns.
    """

    in_step: ClassVar[bool] = False
    """Whether several processes go through the model together: all of it, whatever happens."""
    weights: Mapping[str, nn.Parameter]
    held: Sequence[nn.Parameter]
    layers: Mapping[int, int]
    count: int
    several: frozenset[int]
    fleeting: Fleeting = field(default_factory=Fleeting, init=False, repr=False)
    _by_id: Mapping[int, nn.Parameter] = field(init=False, repr=False)
    _totals: dict[int, torch.Tensor] = field(default_factory=dict[int, torch.Tensor], init=False)

    def __post_init__(self) -> None:
        self._by_id = {id(weight): weight for weight in self.weights.values()}

    @classmethod
    def of(cls, model: nn.Module, computing: Mapping[str, nn.Parameter] | None = None) -> Self:
        """Those of a model that want a gradient and hold a number.

        Args:
            model: Between passes.
            computing: What modules see while they compute, by name, where that is not the same.
        """
        held = {name: p for name, p in model.named_parameters() if _trained(p)}
        computing = computing or held
        weights = {name: computing[name] for name in held}
        keys = {id(p): id(weights[name]) for name, p in held.items()}
        owners: dict[int, list[nn.Module]] = {}
        for module in model.modules():
            for weight in module.parameters(recurse=False):
                if id(weight) in keys:
                    owners.setdefault(keys[id(weight)], []).append(module)
        numbers: dict[nn.Module, int] = {}
        layers = {key: numbers.setdefault(own[0], len(numbers)) for key, own in owners.items()}
        several = frozenset(key for key, own in owners.items() if len(own) > 1)
        return cls(weights, list(held.values()), layers, len(numbers), several)

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

    def chain(self) -> Chain:
        """Those of all weights, in their order."""
        return Chain.of([self.total(weight) for weight in self._by_id])

    def gather(self, team: Team) -> None:
        """Put the sums of all processes together."""
        team.add(self.chain().tensors)

    def divide(self, units: float) -> None:
        """Make means of the sums."""
        for total in self._totals.values():
            total.div_(units)

    def forget(self) -> None:
        """Sums of nothing, which take no memory."""
        self._totals.clear()

    def is_of(self, model: nn.Module) -> bool:
        """Whether these are still the trained weights of a model."""
        found = [id(p) for p in model.parameters() if _trained(p)]
        return found == [id(p) for p in self.held]

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

    def watched(self) -> AbstractContextManager[None]:
        """Around a pass after which `squares` and `found` are asked for, and gradients are not."""
        return nullcontext()

    def squares(self) -> torch.Tensor:
        """Squared norm of the gradient at hand in each layer. fp32 [layers]."""
        sums = torch.zeros(self.count, device=self.device)
        for weight in self.weights.values():
            if weight.grad is not None:
                sums[self.layers[id(weight)]] += square(weight.grad)
        return sums

    def take(self, tape: Tape, factors: torch.Tensor) -> None:
        """Add what a tape holds of each unit, times its factor [layers, units], to the sums."""
        for weight in list(tape.entries):
            tape.pour(weight, self.total(weight), factors[self.layers[weight]])

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


def square(gradient: torch.Tensor) -> torch.Tensor:
    """Squared norm, fp32."""
    return torch.linalg.vector_norm(gradient, dtype=torch.float32).square()


def _trained(weight: nn.Parameter) -> bool:
    return weight.requires_grad and weight.numel() > 0
