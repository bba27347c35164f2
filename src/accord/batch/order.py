"""The order of the training rows: random, a pure function of seed and step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
"""Positions of rows."""


class Order(Protocol):
    """Which rows make the global batch of each step.

    Guarantees:
        Depends on nothing but the arguments, so a resumed run sees the same batches.
    """

    @property
    def rows(self) -> int:
        """Rows of an epoch: they say how many steps it has."""
        ...

    @property
    def together(self) -> int:
        """Rows side by side that are computed in one micro-batch; every batch is a multiple."""
        ...

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        """The batches from a step on, without end."""
        ...


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows of one global batch, or of a process's part of it; there may be none.

    Args:
        rows: Positions in the split. Shape [rows].
        weight: How much each counts; None: all alike. Shape [rows].
        whole: Rows and tokens of the global batch, where these are a part of it.
    """

    rows: Numbers
    weight: npt.NDArray[np.float32] | None = None
    whole: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Every row once, uniformly at random."""

    rows: int
    together: int = 1

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        return _sliced(lambda epoch: self.epoch(seed, epoch), self.rows, batch_size, start)

    def epoch(self, seed: int, epoch: int) -> Numbers:
        return epoch_order(self.rows, seed, epoch)


@dataclass(frozen=True, slots=True)
class Drawn:
    """So many rows of each kind, in random order.

    Guarantees:
        An epoch holds exactly `draws` rows of each kind. Of a kind with n rows each comes
        `draws // n` times, and some, drawn anew each epoch, once more.

    Args:
        kinds: The kind of each row. Shape [rows of the split].
        draws: Of each kind. Shape [kinds].
    """

    kinds: Numbers
    draws: Numbers
    together: int = 1

    @property
    def rows(self) -> int:
        return int(self.draws.sum())

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        return _sliced(lambda epoch: self.epoch(seed, epoch), self.rows, batch_size, start)

    def epoch(self, seed: int, epoch: int) -> Numbers:
        chance = np.random.default_rng((seed, epoch))
        chosen: list[Numbers] = []
        for kind, draws in enumerate(self.draws.tolist()):
            own = np.flatnonzero(self.kinds == kind)
            if draws and len(own):
                whole, more = divmod(draws, len(own))
                chosen += [np.tile(own, whole), chance.permutation(own)[:more]]
        return chance.permutation(np.concatenate(chosen))


def epoch_order(rows: int, seed: int, epoch: int) -> Numbers:
    """A permutation of `range(rows)`."""
    return np.random.default_rng((seed, epoch)).permutation(rows)


def _sliced(
    epoch_of: Callable[[int], Numbers], rows: int, batch_size: int, start: int
) -> Iterator[Chosen]:
    """Epochs cut into batches; the last of an epoch may be smaller."""
    steps, step = -(-rows // batch_size), start
    while True:
        epoch, first = divmod(step, steps)
        order = epoch_of(epoch)
        for at in range(first, steps):
            yield Chosen(order[at * batch_size : (at + 1) * batch_size])
        step = (epoch + 1) * steps
