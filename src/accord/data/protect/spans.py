"""Where identifiers stand: found spans, made free of overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from accord.data.protect import native

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spans:
    """Parts of texts, in order, none overlapping another.

    Args:
        row: The text of each span. Shape [n].
        start: First byte of each in the UTF-8 of its text.
        end: The byte after the last.
        entity: Index into `names`.
        names: Kinds of identifier.
    """

    row: Positions
    start: Positions
    end: Positions
    entity: Positions
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.row)

    def entities(self) -> list[str]:
        """The kind of every span."""
        return [self.names[code] for code in self.entity.tolist()]


def characters(texts: Sequence[str | None], found: Sequence[tuple[int, int, int, str]]) -> Spans:
    """Spans from positions counted in characters: (row, start, end, kind)."""
    names = tuple(dict.fromkeys(kind for _, _, _, kind in found))
    columns = np.zeros((len(found), 4), dtype=np.int64)
    row_before, at, byte = -1, 0, 0
    for place, (row, start, end, kind) in enumerate(sorted(found)):
        text = texts[row] or ""
        if row != row_before or start < at:
            row_before, at, byte = row, 0, 0
        # From the last place on, so that a long text is gone through once.
        low = byte + len(text[at:start].encode())
        at, byte = start, low
        columns[place] = row, low, low + len(text[start:end].encode()), names.index(kind)
    row, start, end, kind = columns.T
    return Spans(row, start, end, kind, names)


Found = Mapping[str, tuple[Positions, Positions]]
"""Starts and ends in one array of bytes, by kind; in any order, overlaps allowed."""


def disjoint(found: Found, names: Sequence[str]) -> tuple[Positions, Positions, Positions]:
    """Starts, ends and kinds (index into `names`) without overlaps, in order.

    Of two spans that overlap, the kind named earlier keeps its whole; the other keeps what it has
    alone, for what has once been found is not to stay legible.
    """
    parts = [
        (*found[name], np.full(len(found[name][0]), code))
        for code, name in enumerate(names) if name in found
    ]  # fmt: skip
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    start, end, kind, cluster = native.united(*columns)
    alone = np.bincount(cluster)[cluster] == 1 if len(cluster) else np.zeros(0, dtype=bool)
    if alone.all():
        return start, end, kind
    crowd = zip(*(c[~alone].tolist() for c in (cluster, start, end, kind)), strict=True)
    settled = [
        span
        for _, members in groupby(crowd, key=itemgetter(0))
        for span in _settled([member[1:] for member in members])
    ]
    apart = np.array(settled, dtype=np.int64).T
    start, end, kind = (
        np.concatenate((column[alone], own))
        for column, own in zip((start, end, kind), apart, strict=True)
    )
    order = np.argsort(start, kind="stable")
    return start[order], end[order], kind[order]


def _settled(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """One cluster: the kind named first, then the longest, takes its bytes; others what is left."""
    taken: list[tuple[int, int, int]] = []
    for start, end, kind in sorted(spans, key=lambda s: (s[2], s[0] - s[1], s[0])):
        free = [(start, end)]
        for low, high, _ in taken:
            free = [
                piece
                for a, b in free
                for piece in ((a, min(b, low)), (max(a, high), b))
                if piece[0] < piece[1]
            ]
        taken += [(a, b, kind) for a, b in free]
    return taken
