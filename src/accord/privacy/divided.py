"""The trained weights of a model that is divided over processes, and the rows of their sums."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from typing import ClassVar, Self

import torch
from torch import nn
from torch.distributed.tensor import DTensor

from accord.batch.team import Team
from accord.model.divided import (
    give_gradient,
    held,
    keep_gradients_whole,
    rows_of,
    scattered,
    wholes,
)
from accord.privacy.chain import Chain
from accord.privacy.tape import Fleeting, Tape
from accord.privacy.trained import Trained, square

SENT = 1 << 20
"""Values from which on sums are sent: 4 MB; small ones are sent with others."""


@dataclass(slots=True)
class Divided(Trained):
    """Trained weights that are whole only while they compute.

    A process finds the sum over its own units of one whole weight at a time; all add theirs up, and
    each keeps its rows: no more than one weight is whole beside the model. So whoever adds does it
    together with the others, also with nothing to add.
    """

    in_step: ClassVar[bool] = True
    laid: Mapping[int, DTensor] = field(init=False, repr=False)
    """The rows of each weight (by id)."""
    _seen: dict[int, torch.Tensor] | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        super(Divided, self).__post_init__()
        pairs = zip(self.weights.values(), self.held, strict=True)
        self.laid = {id(whole): laid for whole, laid in pairs if isinstance(laid, DTensor)}

    @classmethod
    def of(cls, model: nn.Module, computing: Mapping[str, nn.Parameter] | None = None) -> Self:
        """All processes call it; nobody sends gradients from now on but by `take` and `add`."""
        keep_gradients_whole(model)
        every, fleeting = dict[str, nn.Parameter](), Fleeting()
        for name, weight in wholes(model):
            every[name] = weight
            fleeting.watch(weight)
        found = super(Divided, cls).of(model, every)
        found.fleeting = fleeting
        return found

    def total(self, weight: int) -> torch.Tensor:
        if weight not in self._totals:
            rows = held(self.laid[weight])
            self._totals[weight] = torch.zeros(rows.shape, device=rows.device)
        return self._totals[weight]

    def chain(self) -> Chain:
        sizes = [weight.numel() for weight in self.held]
        places = list[tuple[int, torch.Tensor]]()
        for start, (key, laid) in zip(accumulate([0, *sizes]), self.laid.items(), strict=False):
            first = start + rows_of(laid).start * (laid.numel() // laid.shape[0])
            places.append((first, self.total(key)))
        return Chain(sum(sizes), places)

    def gather(self, team: Team) -> None:
        return None

    def clear(self) -> None:
        super(Divided, self).clear()
        if self._seen is not None:
            self._seen.clear()

    def found(self) -> set[int]:
        return super(Divided, self).found() if self._seen is None else set(self._seen)

    @contextmanager
    def watched(self) -> Generator[None]:
        """Gradients are measured as they come, and dropped: no more than one is whole."""
        seen = self._seen = {}

        def measure(weight: torch.Tensor) -> None:
            assert weight.grad is not None
            seen[id(weight)] = square(weight.grad)
            weight.grad = None

        hooks = [
            weight.register_post_accumulate_grad_hook(measure) for weight in self.weights.values()
        ]
        try:
            yield
        finally:
            self._seen = None
            for hook in hooks:
                hook.remove()

    def squares(self) -> torch.Tensor:
        if self._seen is None:
            return super(Divided, self).squares()
        sums = torch.zeros(self.count, device=self.device)
        for weight, found in self._seen.items():
            sums[self.layers[weight]] += found
        return sums

    def take(self, tape: Tape, factors: torch.Tensor) -> None:
        def pour(weight: nn.Parameter, whole: torch.Tensor) -> None:
            if id(weight) in tape.entries:
                tape.pour(id(weight), whole, factors[self.layers[id(weight)]])

        self._gather(pour)

    def add(self, factors: torch.Tensor) -> None:
        def pour(weight: nn.Parameter, whole: torch.Tensor) -> None:
            if weight.grad is not None:
                whole.addcmul_(weight.grad.float(), factors[self.layers[id(weight)]])

        self._gather(pour)

    def _gather(self, pour: Callable[[nn.Parameter, torch.Tensor], None]) -> None:
        """Add this process's rows of the sum over all of what each pours into a whole weight's."""
        bucket, size, last = dict[int, torch.Tensor](), 0, [*self.weights.values()][-1]
        for weight in self.weights.values():
            whole = bucket[id(weight)] = torch.zeros(weight.shape, device=weight.device)
            pour(weight, whole)
            size += weight.numel()
            if size >= SENT or weight is last:
                self._keep(bucket)
                bucket, size = dict[int, torch.Tensor](), 0

    def _keep(self, bucket: Mapping[int, torch.Tensor]) -> None:
        laid = [self.laid[weight] for weight in bucket]
        for weight, rows in zip(bucket, scattered([*bucket.values()], laid), strict=True):
            if weight in self._totals:
                self._totals[weight].add_(rows)
            else:
                self._totals[weight] = rows

    def hand_over(self, reached: Container[int] | None = None) -> None:
        assert reached is None, "noise reaches all weights"
        self.clear()
        for weight, laid in self.laid.items():
            give_gradient(laid, self.total(weight).to(laid.dtype))
            self._totals.pop(weight)
