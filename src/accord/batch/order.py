"""The order of the training rows: random, a pure function of seed and epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]


class Order(Protocol):
    """Which rows an epoch goes through, and in which order.

    Guarantees:
        Depends on nothing but the arguments, so a resumed run sees the same order.
    """

    @property
    def rows(self) -> int:
        """Rows of an epoch."""
        ...

    def epoch(self, seed: int, epoch: int) -> Numbers:
        """Positions in the split. Shape [rows]."""
        ...


@dataclass(frozen=True, slots=True)
class Shuffled:
    """Every row once, uniformly at random."""

    rows: int

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

    @property
    def rows(self) -> int:
        return int(self.draws.sum())

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
