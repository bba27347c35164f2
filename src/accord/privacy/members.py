"""Rows by the unit of privacy that they belong to, and those that a step takes of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from accord.batch.order import Chosen, Numbers


@dataclass(frozen=True, slots=True)
class Members:
    """The rows of each unit, adjacent in `positions`: those of unit i are
    `positions[starts[i]:starts[i + 1]]`.

    Args:
        starts: Shape [units + 1].
        positions: Rows of the split. Shape [rows].
        together: Rows that are taken of a unit at most, drawn anew each time it takes part; a unit
            with fewer is filled with rows of weight 0.
        secret: 32 bytes of the run.
    """

    starts: Numbers
    positions: Numbers
    together: int = 1
    secret: bytes = field(default=b"", repr=False)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def taken(self, drawn: Numbers, chance: np.random.Generator) -> Chosen:
        """Rows of the units that take part in a step: of each as many as belong together."""
        if self.together == 1:
            sizes = self.starts[drawn + 1] - self.starts[drawn]
            within = (chance.random(len(drawn)) * sizes).astype(np.int64)
            return Chosen(self.positions[self.starts[drawn] + within])
        rows = np.zeros((len(drawn), self.together), dtype=np.int64)
        weight = np.zeros((len(drawn), self.together), dtype=np.float32)
        for at, unit in enumerate(drawn.tolist()):
            own = self.positions[self.starts[unit] : self.starts[unit + 1]]
            some = chance.permutation(own)[: self.together]
            rows[at], rows[at, : len(some)] = own[0], some
            weight[at, : len(some)] = 1 / len(some)
        return Chosen(rows.reshape(-1), weight.reshape(-1))


def grouped(owners: npt.NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """Rows by the unit they belong to, as `Members` has them: where each unit starts, with the end
    of the last [units + 1], and the rows [rows].

    Args:
        owners: The unit of each row, any numbers. Shape [rows].
    """
    positions = np.argsort(owners, kind="stable")
    _, starts = np.unique(owners[positions], return_index=True)
    return np.append(starts, len(owners)).astype(np.int64), positions.astype(np.int64)
