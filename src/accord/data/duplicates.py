"""The step of `clean.duplicates:`: training rows that repeat earlier ones are left out.

Equal ones by a 64-bit digest, near ones by MinHash in bands and their true similarity; the cost is
linear in the rows. Memory: about 250 bytes a row.
"""

from __future__ import annotations

import hashlib

import numpy as np

from accord.data.account import Account
from accord.data.leakage import contents
from accord.data.minhash import normalised
from accord.data.nearly import Nearly
from accord.data.source import Block
from accord.data.step import Preparing
from accord.recipe.task import TASKS
from accord.recipe.text import Duplicates

STEP = "duplicates"


class Deduplication:
    """Leaves one of all training rows that say the same.

    Args:
        spec: The section `clean.duplicates`.
        setting: The run.
    """

    surveys = True

    def __init__(self, spec: Duplicates, setting: Preparing) -> None:
        self.data, self.task = setting.recipe.data, TASKS[setting.recipe.task]
        self.spec = spec
        self._digests: list[bytes] = []
        self._near: Nearly | None = None
        if spec.similarity is not None and self.task.modality == "text":
            self._near = Nearly(spec.similarity, setting.context.store.root)
        self._labels: list[object] = []
        self._keys: list[tuple[str, int]] = []
        self._gone: dict[tuple[str, int], str] = {}

    def survey(self, block: Block) -> None:
        found = contents(block.batch, self.data, self.task)
        texts = [c if isinstance(c, bytes) else normalised(c).encode() for c in found]
        self._digests += [hashlib.blake2b(text, digest_size=8).digest() for text in texts]
        if self._near is not None:
            self._near.add([text.decode() for text in texts])
        self._keys += [(block.asset, int(row)) for row in block.rows]
        label = self.data.label
        names = (label,) if isinstance(label, str) else label or ()
        columns = [block.batch[name].to_pylist() for name in names]
        self._labels += [str(values) for values in zip(*columns, strict=True)] or [""] * len(texts)

    def settle(self) -> None:
        """Find the rows that are left out, and why."""
        same = _Sets(len(self._keys))
        first: dict[bytes, int] = {}
        for row, digest in enumerate(self._digests):
            same.join(first.setdefault(digest, row), row)
        exact = [same.root(row) for row in range(len(self._keys))]
        if self._near is not None:
            for row, kept in self._near.repeats(exact):
                same.join(kept, row)
            self._near.close()
            self._near = None
        clusters: dict[int, list[int]] = {}
        for row in range(len(self._keys)):
            clusters.setdefault(same.root(row), []).append(row)
        for rows in clusters.values():
            kept = self._kept(rows)
            for row in rows:
                if row != kept:
                    held = kept is not None and exact[row] == exact[kept]
                    reason = "conflict" if kept is None else "exact" if held else "near"
                    self._gone[self._keys[row]] = reason
        self._digests, self._labels, self._keys = [], [], []

    def apply(self, block: Block, account: Account) -> Block:
        reasons = [self._gone.get((block.asset, int(row))) for row in block.rows]
        for reason in reasons:
            if reason is not None:
                account.removed[STEP, reason] += 1
        return block.keep(np.array([reason is None for reason in reasons]))

    def _kept(self, rows: list[int]) -> int | None:
        """The row of a cluster that stays, if one does."""
        labels = [self._labels[row] for row in rows]
        counts = {label: labels.count(label) for label in dict.fromkeys(labels)}
        if len(counts) == 1 or self.spec.conflicts == "first":
            return rows[0]
        most = [label for label, n in counts.items() if n == max(counts.values())]
        if self.spec.conflicts == "drop" or len(most) > 1:
            return None
        return rows[labels.index(most[0])]


class _Sets:
    """Disjoint sets whose name is their first row."""

    def __init__(self, size: int) -> None:
        self.above = list(range(size))

    def root(self, row: int) -> int:
        while self.above[row] != row:
            self.above[row] = self.above[self.above[row]]
            row = self.above[row]
        return row

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self.above[high] = low
