"""The part of each global batch that one process of a team computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accord.batch.order import Chosen, Order
from accord.batch.team import Team


@dataclass(frozen=True, slots=True)
class Dealt:
    """An order of which a process takes its part of every batch.

    Rows are dealt out by length, to and fro, so that all have about as much to compute; how a
    process divides its part does not matter to the others.

    Args:
        whole: Of the global batches.
        lengths: Tokens of every row of the split. Shape [rows].
        team: Who takes part.
        filled: Whether a process without rows gets some that count nothing, of weight 0: where all
            go through a model together, each needs something to go through it with.

    Guarantees:
        Every row of a batch is in the part of exactly one process.
    """

    whole: Order
    lengths: npt.NDArray[np.int64]
    team: Team
    filled: bool = False

    @property
    def rows(self) -> int:
        return self.whole.rows

    @property
    def together(self) -> int:
        return self.whole.together

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        for chosen in self.whole.batches(seed, batch_size, start):
            yield self._own(chosen)

    def _own(self, chosen: Chosen) -> Chosen:
        lengths = self.lengths[chosen.rows]
        widths = lengths.reshape(-1, self.together).max(1, initial=0)
        dealt = np.argsort(-widths, kind="stable")
        turn, seat = np.divmod(np.arange(len(dealt)), self.team.size)
        seat = np.where(turn % 2, self.team.size - 1 - seat, seat)
        own = np.sort(dealt[seat == self.team.rank])
        whole = (len(lengths), int(lengths.sum()))
        if self.filled and not len(own):
            return Chosen(
                np.arange(self.together), np.zeros(self.together, dtype=np.float32), whole
            )
        at = (own[:, None] * self.together + np.arange(self.together)).reshape(-1)
        weight = None if chosen.weight is None else chosen.weight[at]
        return Chosen(chosen.rows[at], weight, whole)
