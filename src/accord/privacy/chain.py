"""The values of several tensors, one after the other, as one row that is nowhere in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import torch


@dataclass(frozen=True, slots=True)
class Block:
    """So many values of a chain that follow one another.

    Args:
        size: How many they are.
        parts: Of those that are here, where they stand in the block, and the values themselves.
    """

    size: int
    parts: Sequence[tuple[slice, torch.Tensor]]


@dataclass(frozen=True, slots=True)
class Chain:
    """Tensors at their places in a row of values.

    Args:
        size: Values of the row.
        places: Number of the first value of each tensor, and the tensor, contiguous, in order.
            What lies between them is in other processes.
    """

    size: int
    places: Sequence[tuple[int, torch.Tensor]]

    @classmethod
    def of(cls, tensors: Sequence[torch.Tensor]) -> Self:
        """All of these, with nothing between them."""
        places, size = list[tuple[int, torch.Tensor]](), 0
        for tensor in tensors:
            places.append((size, tensor))
            size += tensor.numel()
        return cls(size, places)

    @property
    def tensors(self) -> list[torch.Tensor]:
        return [tensor for _, tensor in self.places]

    @property
    def device(self) -> torch.device:
        return self.places[0][1].device

    def zeros(self) -> Chain:
        """As many zeros in the same places."""
        return Chain(self.size, [(start, torch.zeros_like(one)) for start, one in self.places])

    def blocks(self, size: int) -> Iterator[Block]:
        """`size` values at a time, fewer in the last."""
        left = [(start, tensor.view(-1)) for start, tensor in reversed(self.places)]
        for begin in range(0, self.size, size):
            end = min(begin + size, self.size)
            parts = list[tuple[slice, torch.Tensor]]()
            while left and left[-1][0] < end:
                start, values = left.pop()
                here, rest = values[: end - start], values[end - start :]
                parts.append((slice(start - begin, start - begin + len(here)), here))
                if len(rest):
                    left.append((end, rest))
            yield Block(end - begin, parts)
