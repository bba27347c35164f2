"""What training rows are compared with: the runs of units of all texts that examine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from accord.data.contamination.grams import Hashes, grams, units

COMMON = 10
"""A run that stands in more texts than that is a phrase of the language, or of a form."""
Counts = npt.NDArray[np.int64]


@dataclass(slots=True)
class Examined:
    """Texts that a model is examined with. Memory: 16 bytes a unit.

    Args:
        size: Units of a run.
        least: A shorter text is not looked for; one shorter than `size` is looked for whole.
        share: Of the runs of one examining text that a training text must hold; 0 for one run.
    """

    size: int
    least: int
    share: float
    texts: int = 0
    _pieces: dict[int, list[tuple[Hashes, Counts]]] = field(
        default_factory=dict[int, list[tuple[Hashes, Counts]]]
    )
    _sorted: dict[int, tuple[Hashes, Counts]] = field(
        default_factory=dict[int, tuple[Hashes, Counts]]
    )
    _runs: list[Counts] = field(default_factory=list[Counts])
    _whole: Counts | None = None

    def add(self, texts: Sequence[str]) -> None:
        """Take in texts."""
        split = [units(text) for text in texts]
        sizes = np.array([len(text) for text in split], dtype=np.int64)
        runs = np.zeros(len(texts), dtype=np.int64)
        for size in range(self.least, self.size + 1):
            due = sizes == size if size < self.size else sizes >= size
            found, where = grams([t if d else t[:0] for t, d in zip(split, due, strict=True)], size)
            both = np.unique(np.stack([found, where.astype(np.uint64)], axis=1), axis=0)
            where = both[:, 1].astype(np.int64)
            runs += np.bincount(where, minlength=len(texts))
            if len(both):
                self._pieces.setdefault(size, []).append((both[:, 0], where + self.texts))
        self._runs.append(runs)
        self.texts += len(texts)

    def settle(self) -> None:
        """Sort what was taken in; phrases that stand in many texts are let go."""
        for size, pieces in self._pieces.items():
            hashes = np.concatenate([piece[0] for piece in pieces])
            where = np.concatenate([piece[1] for piece in pieces])
            order = np.argsort(hashes, kind="stable")
            hashes, where = hashes[order], where[order]
            _, place, often = np.unique(hashes, return_inverse=True, return_counts=True)
            rare = often[place] <= COMMON
            self._sorted[size] = (hashes[rare], where[rare])
        self._pieces = {}
        self._whole = np.concatenate([np.zeros(0, dtype=np.int64), *self._runs])

    def held_by(self, texts: Sequence[str]) -> Counts:
        """The first examining text that each text holds; -1 where it holds none. [texts]"""
        assert self._whole is not None
        split = [units(text) for text in texts]
        found = np.full(len(texts), -1, dtype=np.int64)
        for size, (hashes, where) in self._sorted.items():
            runs, rows = grams(split, size)
            low, high = (np.searchsorted(hashes, runs, side=side) for side in ("left", "right"))
            count = high - low
            hit = np.repeat(np.arange(len(runs)), count)
            at = (
                np.repeat(low, count)
                + np.arange(len(hit))
                - np.repeat(np.cumsum(count) - count, count)
            )
            pairs = np.unique(np.stack([rows[hit], where[at], runs[hit].view(np.int64)], 1), axis=0)
            if not len(pairs):
                continue
            match, often = np.unique(pairs[:, :2], axis=0, return_counts=True)
            enough = often >= np.maximum(self.share * self._whole[match[:, 1]], 1)
            for row, text in match[enough].tolist():
                if found[row] < 0 or text < found[row]:
                    found[row] = text
        return found
