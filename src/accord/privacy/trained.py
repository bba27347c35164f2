"""The trained weights of a model, and what a backward pass has left at them."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.privacy.sums import Sums, WholeSums
from accord.privacy.tape import Fleeting, Tape


@dataclass(slots=True)
class Trained:
    """Trained weights, the layers that they belong to, and the sums of their gradients.

    Args:
        weights: By name, each once: what modules compute with, and gradients come to.
        held: The same as the model holds them between passes, in this order.
        layers: Number of the layer of each weight (by id): of the first module that owns it.
        count: How many layers there are.
        several: Weights (ids) that more than one module owns.
        sums: Of the gradients of units.
        fleeting: Weights whose memory is gone after a pass.
    """

    weights: Mapping[str, nn.Parameter]
    held: Sequence[nn.Parameter]
    layers: Mapping[int, int]
    count: int
    several: frozenset[int]
    sums: Sums
    fleeting: Fleeting = field(default_factory=Fleeting, repr=False)
    _measured: dict[int, torch.Tensor] | None = field(default=None, init=False, repr=False)

    @classmethod
    def of(cls, model: nn.Module, computing: Mapping[str, nn.Parameter] | None = None) -> Trained:
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
        sums = WholeSums({id(weight): weight for weight in weights.values()})
        return cls(weights, list(held.values()), layers, len(numbers), several, sums)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(iter(self.weights.values())).device

    @property
    def in_step(self) -> bool:
        """Whether several processes go through the model together: all of it, whatever happens."""
        return bool(self.fleeting.tensors)

    @property
    def size(self) -> int:
        """How many numbers they hold."""
        return sum(p.numel() for p in self.weights.values())

    def is_of(self, model: nn.Module) -> bool:
        """Whether these are still the trained weights of a model."""
        found = [id(p) for p in model.parameters() if _trained(p)]
        return found == [id(p) for p in self.held]

    def name(self, weight: int) -> str:
        """Of a weight given by its id."""
        return next(name for name, p in self.weights.items() if id(p) == weight)

    def clear(self) -> None:
        """No gradient anywhere."""
        for weight in self.weights.values():
            weight.grad = None
        if self._measured is not None:
            self._measured.clear()

    @contextmanager
    def measured(self) -> Generator[None]:
        """Around passes after which `squares` and `found` are asked for, and gradients are not:
        where weights are fleeting, a gradient is measured as it comes and dropped, so that no more
        than one is whole."""
        if not self.in_step:
            yield
            return
        seen = self._measured = dict[int, torch.Tensor]()

        def measure(weight: torch.Tensor) -> None:
            assert weight.grad is not None
            seen[id(weight)] = _square(weight.grad)
            weight.grad = None

        every = self.weights.values()
        hooks = [weight.register_post_accumulate_grad_hook(measure) for weight in every]
        try:
            yield
        finally:
            self._measured = None
            for hook in hooks:
                hook.remove()

    def found(self) -> set[int]:
        """Weights (ids) that ordinary differentiation has given a gradient."""
        if self._measured is not None:
            return set(self._measured)
        return {id(p) for p in self.weights.values() if p.grad is not None}

    def squares(self) -> torch.Tensor:
        """Squared norm of the gradient at hand in each layer. fp32 [layers]."""
        sums = torch.zeros(self.count, device=self.device)
        for weight in self.weights.values():
            if self._measured is not None and id(weight) in self._measured:
                sums[self.layers[id(weight)]] += self._measured[id(weight)]
            elif weight.grad is not None:
                sums[self.layers[id(weight)]] += _square(weight.grad)
        return sums

    def take(self, tape: Tape, factors: torch.Tensor) -> None:
        """Add what a tape holds of each unit, times its factor [layers, units], to the sums."""

        def pour(weight: nn.Parameter, total: torch.Tensor) -> None:
            tape.pour(id(weight), total, factors[self.layers[id(weight)]])

        self.sums.add(pour, set(tape.entries))

    def add(self, factors: torch.Tensor) -> None:
        """Add the gradient at hand, times a factor for each layer [layers], to the sums."""

        def pour(weight: nn.Parameter, total: torch.Tensor) -> None:
            assert weight.grad is not None
            total.addcmul_(weight.grad.float(), factors[self.layers[id(weight)]])

        self.sums.add(pour, self.found())


def _square(gradient: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(gradient, dtype=torch.float32).square()


def _trained(weight: nn.Parameter) -> bool:
    return weight.requires_grad and weight.numel() > 0
