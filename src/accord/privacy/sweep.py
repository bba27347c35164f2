"""One forward and backward pass over a micro-batch, as the rules of the layers see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import nn

from accord.privacy.tape import Tape

Layout = int | Literal["one", "same"]
"""What the first dimension of a tensor is: the rows of the batch, so many times (windows of an
image stand one after the other); 1, for all of them; or something that the batch does not change.
"""


class OffRules(Exception):  # noqa: N818 - no error: the rows are computed one at a time instead
    """A layer was used as no rule can follow.

    Args:
        where: The layer, or what happened.
    """

    def __init__(self, where: nn.Module | str) -> None:
        named = where if isinstance(where, str) else f"no rule follows {type(where).__name__} here"
        super().__init__(named)


@dataclass(slots=True)
class Layouts:
    """Which first dimensions are rows: learned once, from one unit alone beside two together.

    A size alone cannot tell: positions may be as many as rows by chance.

    Args:
        rows_per_unit: Rows of a unit.
        alone: Of each call of each module, the sizes for one unit.
        from_one: Norms whose weight counts from 1.
    """

    rows_per_unit: int = 1
    alone: dict[nn.Module, list[tuple[int, ...]]] = field(default_factory=dict)
    known: dict[nn.Module, tuple[Layout, ...]] = field(default_factory=dict)
    from_one: set[nn.Module] = field(default_factory=set)

    def learn(self, module: nn.Module, number: int, sizes: tuple[int, ...]) -> None:
        """From the sizes for two units in the module's call of that number (from 0).

        Raises:
            OffRules: They are nothing known, or differ between two calls.
        """
        calls = self.alone.get(module, [])
        if number >= len(calls) or len(calls[number]) != len(sizes):
            raise OffRules(module)
        pairs = zip(calls[number], sizes, strict=True)
        found: tuple[Layout, ...] = tuple(self._layout(module, *pair) for pair in pairs)
        if self.known.setdefault(module, found) != found:
            raise OffRules(module)

    def _layout(self, module: nn.Module, alone: int, together: int) -> Layout:
        if alone == together:
            return "one" if alone == 1 else "same"
        times, rest = divmod(alone, self.rows_per_unit)
        if together == 2 * alone and times and not rest:
            return times
        raise OffRules(module)


@dataclass(slots=True)
class Sweep:
    """A pass over `rows` rows, which are those of the tape's units.

    Args:
        learning: Whether the layouts are still to be found; there are two units then.
        patient: Whether a pass that no rule can follow goes on to its end, because others take it
            together with this process.
        off: Why no rule could follow.
    """

    rows: int
    tape: Tape
    layouts: Layouts
    learning: bool = False
    patient: bool = False
    off: OffRules | None = None
    calls: dict[nn.Module, int] = field(default_factory=dict)

    def layout(self, module: nn.Module, tensors: Sequence[torch.Tensor]) -> tuple[Layout, ...]:
        """What the first dimensions of a call's tensors are.

        Raises:
            OffRules: They are not what they were when they were learned.
        """
        sizes = tuple(leading(tensor) for tensor in tensors)
        if self.learning:
            number = self.calls.get(module, 0)
            self.calls[module] = number + 1
            self.layouts.learn(module, number, sizes)
        found = self.layouts.known.get(module)
        if found is None or len(found) != len(sizes):
            raise OffRules(module)
        if any(self._size(*pair) != pair[1] for pair in zip(found, sizes, strict=True)):
            raise OffRules(module)
        return found

    def _size(self, kind: Layout, size: int) -> int:
        """What the first dimension has to be; `size` where that is not known."""
        if isinstance(kind, int):
            return kind * self.rows
        return 1 if kind == "one" else size

    def by_row(self, module: nn.Module, tensor: torch.Tensor) -> torch.Tensor:
        """The input of a call with the rows, so many times each, as its first dimension.

        Raises:
            OffRules: It has none.
        """
        (kind,) = self.layout(module, [tensor])
        if kind == "same":
            raise OffRules(module)
        return tensor.expand(self.rows, *tensor.shape[1:]) if kind == "one" else tensor


def leading(tensor: torch.Tensor) -> int:
    """Size of the first dimension, 0 of a scalar."""
    return tensor.shape[0] if tensor.ndim else 0


def tensors_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[torch.Tensor]:
    """Tensors among the arguments of a call, in order."""
    return [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]


def as_computed(tensor: torch.Tensor) -> torch.Tensor:
    """In the type that autocast computes products in, if it is on."""
    kind = tensor.device.type
    if torch.is_autocast_enabled(kind) and tensor.is_floating_point():
        return tensor.to(torch.get_autocast_dtype(kind))
    return tensor


def own_weights(module: nn.Module) -> dict[str, torch.Tensor | None]:
    """Weights that a module owns itself, by name. A tensor put in here stands for the weight
    until it is put back: assigning it to the module would be refused."""
    return module.__dict__["_parameters"]
