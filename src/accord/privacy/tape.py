"""What a backward pass leaves behind of each trained weight, until its units' norms are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from accord.privacy.piece import Piece, Product, Room, merged, squares


@dataclass(slots=True)
class Entry:
    """Pieces of one weight's gradient, and the squared norms of their sum where it is known."""

    pieces: list[Piece]
    squares: torch.Tensor | None


@dataclass(frozen=True, slots=True)
class Fleeting:
    """Tensors whose memory is gone when the pass is over, by the bytes that it takes."""

    tensors: dict[int, list[torch.Tensor]] = field(default_factory=dict[int, list[torch.Tensor]])

    def watch(self, tensor: torch.Tensor) -> None:
        """Take one in, while it has its memory."""
        self.tensors.setdefault(tensor.untyped_storage().nbytes(), []).append(tensor)

    def lasting(self, values: torch.Tensor) -> torch.Tensor:
        """The same values; in memory of their own, if they were of these."""
        memory = values.untyped_storage()
        alike = (tensor.untyped_storage() for tensor in self.tensors.get(memory.nbytes(), ()))
        return values.clone() if any(memory.data_ptr() == o.data_ptr() for o in alike) else values


@dataclass(slots=True)
class Tape:
    """The gradients of one micro-batch.

    Args:
        units: Units in it; each has as many adjacent rows.
        several: Weights (ids) that more than one module owns: their norm waits for all uses.
        fleeting: Weights that must not be looked at when the pass is over.
    """

    units: int
    several: frozenset[int]
    fleeting: Fleeting = field(default_factory=Fleeting, repr=False)
    entries: dict[int, Entry] = field(default_factory=dict)
    room: Room = field(default_factory=Room, repr=False)

    def fold(self, values: torch.Tensor) -> torch.Tensor:
        """[rows, ..., D] -> [units, positions of all rows of a unit, D]. Detached: what a layer
        read holds the graph, which holds this tape: none of them would ever be freed."""
        values = self.fleeting.lasting(values.detach())
        return values.reshape(self.units, -1, values.shape[-1])

    def add(self, weight: torch.Tensor, piece: Piece) -> None:
        """Take a piece of a weight's gradient; its norm is found at once, while it is at hand."""
        entry = self.entries.get(id(weight))
        if isinstance(piece, Product) and piece.is_better_dense():
            piece = piece.dense()
        if entry is not None:
            entry.pieces.append(piece)
            entry.squares = None
        else:
            waits = id(weight) in self.several
            self.entries[id(weight)] = Entry([piece], None if waits else piece.squares(self.room))

    def squares(self, layers: Mapping[int, int], count: int) -> torch.Tensor:
        """Squared norm of each unit's gradient in each of `count` layers. fp32 [count, units]."""
        found: list[list[torch.Tensor]] = [[] for _ in range(count)]
        for weight, entry in self.entries.items():
            if entry.squares is None:
                entry.pieces = merged(entry.pieces)
                entry.squares = squares(entry.pieces, self.room)
            found[layers[weight]].append(entry.squares)
        device = next(iter(self.entries.values())).squares.device  # type: ignore[union-attr]
        zeros = torch.zeros(self.units, device=device)
        return torch.stack([torch.stack(each).sum(0) if each else zeros for each in found])

    def leave_out(self, units: torch.Tensor) -> None:
        """Units [U] whose gradients become 0: those that are not finite would spoil the sum."""
        for entry in self.entries.values():
            for piece in entry.pieces:
                piece.leave_out(units)

    def pour(self, weight: int, total: torch.Tensor, factors: torch.Tensor) -> None:
        """Add a weight's sum over units, each times its factor [units], to a total; forgets it."""
        for piece in self.entries.pop(weight).pieces:
            piece.add_to(total, factors, self.room)
        if not self.entries:
            self.room = Room()
