"""Where each row that passed by stands among all that did."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from accord.data.source import Block

Rows = npt.NDArray[np.int64]


class Places:
    """Numbers rows in the order they pass by, and finds the number of each again.

    Rows are known by asset and number, for blocks come cut differently the next time.
    """

    def __init__(self) -> None:
        self.count = 0
        self._rows: dict[str, list[Rows]] = {}
        self._starts: dict[str, list[Rows]] = {}
        self._sorted: dict[str, tuple[int, Rows, Rows]] = {}

    def add(self, block: Block) -> None:
        """Take in the rows of a block."""
        size = len(block.rows)
        self._rows.setdefault(block.asset, []).append(block.rows)
        places = np.arange(self.count, self.count + size, dtype=np.int64)
        self._starts.setdefault(block.asset, []).append(places)
        self.count += size

    def of(self, block: Block) -> Rows:
        """The place of each row of a block; -1 of one that was not taken in. Shape [rows]."""
        if block.asset not in self._rows:
            return np.full(len(block.rows), -1, dtype=np.int64)
        rows, places = self._index(block.asset)
        at = np.minimum(np.searchsorted(rows, block.rows), len(rows) - 1)
        return np.where(rows[at] == block.rows, places[at], -1)

    def _index(self, asset: str) -> tuple[Rows, Rows]:
        """Numbers of an asset's rows, ascending, and their places; sorted once."""
        known = self._sorted.get(asset)
        if known is None or known[0] != len(self._rows[asset]):
            rows, places = np.concatenate(self._rows[asset]), np.concatenate(self._starts[asset])
            order = np.argsort(rows, kind="stable")
            known = (len(self._rows[asset]), rows[order], places[order])
            self._sorted[asset] = known
        return known[1], known[2]
