"""Gradients of single units without writing them out: pieces that know norm, sum and product.

Shapes: U units, T positions, V rows and D columns of a weight.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

GHOST_UP_TO = 96.0
"""A product's gradient is written out, not squared through Gram matrices, above this ratio of the
work of the one to the memory traffic of the other: an estimate, not yet measured."""
WRITTEN_OUT = 1.5
"""Gradients that are written out may take this many times the memory of their factors: likewise."""

HALVED_FROM = 128
"""Positions from which a Gram matrix's lower half is not computed: below, smaller products cost
as much as they save."""


@dataclass(slots=True)
class Room:
    """Memory that is used again: what is fresh costs a CPU more than what is computed in it.

    Layers that read the same input, one after the other, share its Gram matrices.
    """

    read: torch.Tensor | None = None
    squared: list[torch.Tensor] | None = None
    values: torch.Tensor | None = None

    def gram(self, read: torch.Tensor) -> list[torch.Tensor]:
        """Gram matrices of an input [U, T, D], not to be written to, as `_gram` gives them."""
        if self.squared is None or self.read is None or not _same(self.read, read):
            self.read, self.squared = read, _gram(read)
        return self.squared

    def scaled(self, factor: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
        """A product that is good until the next one."""
        size, by = factor.numel(), by.to(factor.dtype)
        if self.values is None or len(self.values) < size or self.values.dtype != factor.dtype:
            self.values = factor.new_empty(size)
        return torch.mul(factor, by, out=self.values[:size].view(factor.shape))


@dataclass(slots=True)
class Product:
    """The gradient `left[u]^T right[u]`, shape [V, D], of a product with a weight.

    Args:
        left, right: [U, T, V], [U, T, D].
    """

    left: torch.Tensor
    right: torch.Tensor

    def squares(self, room: Room) -> torch.Tensor:
        """Squared norm of each unit's gradient, through Gram matrices. fp32 [U]."""
        if self.left.shape[1] == 1:
            return _square_sums(self.left) * _square_sums(self.right)
        pairs = zip(_gram(self.left), room.gram(self.right), strict=True)
        sums = [_both_halves(one.mul_(other)) for one, other in pairs]
        return torch.stack(sums).sum(0).clamp_(min=0.0)

    def is_better_dense(self) -> bool:
        """Whether `dense` takes less time, and not much more memory, than `squares`."""
        _, length, out = self.left.shape
        width = self.right.shape[2]
        whole = out * width
        work = length * length * (out + width)
        return work > GHOST_UP_TO * whole and whole <= WRITTEN_OUT * length * (out + width)

    def dense(self) -> Dense:
        """The same, written out."""
        return Dense(_multiplied(self.left.transpose(1, 2), self.right))

    def leave_out(self, units: torch.Tensor) -> None:
        """Units [U] whose gradient becomes 0, whatever it is."""
        self.left = self.left.masked_fill(units[:, None, None], 0.0)
        self.right = self.right.masked_fill(units[:, None, None], 0.0)

    def add_to(self, total: torch.Tensor, factors: torch.Tensor, room: Room) -> None:
        """Add the sum over units, each times its factor [U], to `total` [V, ...], D in all but the
        first dimension."""
        left, right = self.left, self.right
        scale = factors[:, None, None]
        if left.shape[2] <= right.shape[2]:
            left = room.scaled(left, scale)
        else:
            right = room.scaled(right, scale)
        left, right = _alike(left.flatten(0, 1), right.flatten(0, 1))
        whole = total.view(len(total), -1)
        if left.dtype == whole.dtype:
            whole.addmm_(left.t(), right)
        else:
            whole.add_(_multiplied(left.t(), right))


@dataclass(slots=True)
class Rows:
    """The gradient of a look-up: `grads[u, t]` at row `indices[u, t]`.

    Args:
        indices, grads: [U, T], [U, T, D].
        rows: V.
    """

    indices: torch.Tensor
    grads: torch.Tensor
    rows: int
    compact: tuple[torch.Tensor, torch.Tensor, torch.Tensor] | None = field(default=None)

    def summed(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Each row that a unit looks up once: its unit [K], its index [K], its gradient [K, D]."""
        if self.compact is None:
            units = torch.arange(len(self.indices), device=self.indices.device)[:, None]
            found, where = torch.unique(self.indices + units * self.rows, return_inverse=True)
            sums = torch.ops.aten.embedding_dense_backward(
                self.grads.float().contiguous(), where, len(found), -1, False
            )
            self.compact = (found // self.rows, found % self.rows, sums)
        return self.compact

    def squares(self, room: Room) -> torch.Tensor:
        unit, _, sums = self.summed()
        lengths = sums.square().sum(1)
        return lengths.new_zeros(len(self.indices)).index_add_(0, unit, lengths)

    def dense(self) -> Dense:
        unit, index, sums = self.summed()
        whole = sums.new_zeros(len(self.indices), self.rows, sums.shape[1])
        whole[unit, index] = sums
        return Dense(whole)

    def times(self, other: Product) -> torch.Tensor:
        """Inner product of each unit's gradient with that of a product. [U]"""
        cross = _multiplied(other.right, self.grads.transpose(1, 2))
        wide = self.indices[:, None, :].expand(-1, other.left.shape[1], -1)
        return (other.left.gather(2, wide).float() * cross).sum((1, 2))

    def leave_out(self, units: torch.Tensor) -> None:
        self.grads = self.grads.masked_fill(units[:, None, None], 0.0)
        self.compact = None

    def add_to(self, total: torch.Tensor, factors: torch.Tensor, room: Room) -> None:
        unit, index, sums = self.summed()
        total.index_add_(0, index, sums * factors[unit][:, None])


@dataclass(slots=True)
class Dense:
    """Gradients written out, [U, *shape]."""

    grads: torch.Tensor

    def squares(self, room: Room) -> torch.Tensor:
        return _square_sums(self.grads)

    def dense(self) -> Dense:
        return self

    def leave_out(self, units: torch.Tensor) -> None:
        self.grads = self.grads.flatten(1).masked_fill(units[:, None], 0.0)

    def add_to(self, total: torch.Tensor, factors: torch.Tensor, room: Room) -> None:
        total.view(-1).addmv_(self.grads.flatten(1).float().t(), factors)


Piece = Product | Rows | Dense


def merged(pieces: list[Piece]) -> list[Piece]:
    """The same sum in at most one piece of a kind; one written out takes in all others."""
    if len(pieces) == 1:
        return pieces
    if any(isinstance(piece, Dense) for piece in pieces):
        whole = pieces[0].dense().grads.float()
        for piece in pieces[1:]:
            whole = whole + piece.dense().grads
        return [Dense(whole)]
    products = [piece for piece in pieces if isinstance(piece, Product)]
    lookups = [piece for piece in pieces if isinstance(piece, Rows)]
    found: list[Piece] = []
    if products:
        left = _joined([piece.left for piece in products])
        found.append(Product(left, _joined([piece.right for piece in products])))
    if lookups:
        indices = _joined([piece.indices for piece in lookups])
        grads = _joined([piece.grads for piece in lookups])
        found.append(Rows(indices, grads, lookups[0].rows))
    return found


def squares(pieces: list[Piece], room: Room) -> torch.Tensor:
    """Squared norm of the sum of merged pieces, for each unit. fp32 [U]."""
    if len(pieces) == 1:
        return pieces[0].squares(room)
    product, lookup = pieces
    assert isinstance(product, Product) and isinstance(lookup, Rows)
    both = product.squares(room) + lookup.squares(room) + 2 * lookup.times(product)
    return both.clamp_(min=0.0)


def _joined(parts: list[torch.Tensor]) -> torch.Tensor:
    """One after the other along the positions."""
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]


def _square_sums(values: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(values.flatten(1), dim=1, dtype=torch.float32).square()


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors are the same values in the same place."""
    places = [(t.data_ptr(), t.shape, t.stride(), t.dtype) for t in (one, other)]
    return places[0] == places[1]


def _gram(values: torch.Tensor) -> list[torch.Tensor]:
    """[U, T, D] -> the Gram matrices' rows from their diagonal on, in one or two bands: first
    [U, S, T], then [U, T - S, T - S]. What is below is that above once more."""
    length = values.shape[1]
    band = length if length < HALVED_FROM else -(-length // 2)
    wide = values.transpose(1, 2)
    return [
        _multiplied(values[:, at : at + band], wide[:, :, at:]) for at in range(0, length, band)
    ]


def _both_halves(band: torch.Tensor) -> torch.Tensor:
    """Sums of symmetric matrices of which a band is given, [U, S, T]: all right of it twice."""
    size = band.shape[1]
    whole = band[:, :, :size].sum((1, 2))
    return whole if band.shape[2] == size else whole + 2 * band[:, :, size:].sum((1, 2))


def _multiplied(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The matrix product in fp32, whatever its factors are kept in: a norm that rounding makes
    too low would let more of a unit through than the noise is made for."""
    left, right = _alike(left, right)
    if left.dtype == torch.float32:
        return torch.matmul(left, right)
    if left.is_cuda:
        product = torch.bmm if left.ndim == 3 else torch.mm
        return product(left, right, out_dtype=torch.float32)
    return torch.matmul(left.float(), right.float())


def _alike(left: torch.Tensor, right: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if left.dtype == right.dtype:
        return left, right
    return left.float(), right.float()
