"""Every trained weight has to move: seen at the first steps of a run, and of every resumption.

A run whose optimizer holds other tensors than the model has a healthy loss, and a healthy epsilon
if it is private, while its weights stay what they were (opacus#820, peft#3409).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.errors import ModelError

PATIENCE = 10
"""Steps without a gradient before a weight is called idle: half of an adapter (LoRA's A, while B is
0) has none at first, an expert or a side task's head not at each."""
VISIBLE = 64
"""A step of so many times the distance to the next number cannot be lost in rounding."""

Place = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Where a weight's gradient is largest and smallest, gradient and weight there. Shape [2] each."""


@dataclass(slots=True)
class Movement:
    """The trained weights that have not been seen to move yet, by name.

    Args:
        idle: Names of those that had no gradient in the first steps; each is told once.
    """

    waiting: dict[str, nn.Parameter]
    steps: int = 0
    idle: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, trained: Mapping[str, nn.Parameter]) -> Movement:
        """All of these; those without a single number (a table without categories has such) have
        nothing to move."""
        return cls({name: p for name, p in trained.items() if p.numel()})

    def before(self) -> Mapping[str, Place]:
        """What a step is about to change; weights without a gradient have no place."""
        found = ((name, _place(weight)) for name, weight in self.waiting.items())
        return {name: place for name, place in found if place is not None}

    def after(self, places: Mapping[str, Place], optimizer: torch.optim.Optimizer) -> None:
        """See what moved since `before`.

        Raises:
            ModelError: A weight has a gradient that a step would show, and did not move.
        """
        self.steps += 1
        if not self.waiting:
            return
        rates = {id(p): g["lr"] for g in optimizer.param_groups for p in g["params"]}
        moved = {name for name, place in places.items() if _moved(self.waiting[name], place)}
        for name, place in places.items():
            rate = rates.get(id(self.waiting[name]))
            if name not in moved and (rate is None or _would_show(place, rate)):
                raise _unmoved(name, known=rate is not None)
        self.waiting = {name: p for name, p in self.waiting.items() if name not in moved}
        if self.steps == PATIENCE:
            self.idle = [name for name in self.waiting if name not in places]

    def told(self) -> Iterator[tuple[str, ...]]:
        """The idle weights, once."""
        if self.idle:
            yield tuple(self.idle)
            self.idle.clear()


def _place(weight: nn.Parameter) -> Place | None:
    if weight.grad is None:
        return None
    flat = weight.grad.reshape(-1)
    at = torch.stack([flat.argmax(), flat.argmin()])
    largest = flat[at].float().abs()
    return (at, largest, weight.detach().reshape(-1)[at]) if bool(largest.any()) else None


def _moved(weight: nn.Parameter, place: Place) -> bool:
    at, _, before = place
    return not torch.equal(weight.detach().reshape(-1)[at], before)


def _would_show(place: Place, rate: float) -> bool:
    """Whether a step at a rate is larger than rounding: `rate` with Adam, times the gradient with
    SGD."""
    _, gradient, before = place
    size = before.abs()
    spacing = (torch.nextafter(size, size + 1) - size).float()
    return bool((rate * gradient.clamp(max=1.0) > VISIBLE * spacing).any())


def _unmoved(name: str, *, known: bool) -> ModelError:
    return ModelError(
        f"the weight {name} has a gradient and did not move",
        code="weights-unmoved",
        path="train.optimizer" if known else "model",
        got="the same values after a step" if known else "it is not among the optimizer's weights",
        expected="every trained weight moves in the first step that shows",
        why="the loss, and the epsilon of a private run, would look healthy while nothing is "
        "learned",
        fix="use another optimizer, or report it"
        if known
        else "let no code of the model or an adapter put new tensors in place of its weights",
    )
