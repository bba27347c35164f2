"""Where identifiers stand: found spans, made free of overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
import numpy.typing as npt

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
    parts = [(code, *_merged(*found[name])) for code, name in enumerate(names) if name in found]
    if not parts:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    start = np.concatenate([p[1] for p in parts]).astype(np.int64)
    end = np.concatenate([p[2] for p in parts]).astype(np.int64)
    kind = np.concatenate([np.full(len(p[1]), p[0], dtype=np.int64) for p in parts])
    order = np.lexsort((kind, start))
    start, end, kind = start[order], end[order], kind[order]
    # The furthest end before each span says where a cluster of overlapping ones begins.
    furthest = np.maximum.accumulate(end)
    fresh = np.append(True, start[1:] >= furthest[:-1]) if len(start) else np.zeros(0, bool)
    if fresh.all():
        return start, end, kind
    cluster = np.cumsum(fresh) - 1
    alone = np.bincount(cluster)[cluster] == 1
    crowd = zip(*(c[~alone].tolist() for c in (cluster, start, end, kind)), strict=True)
    settled = [
        span
        for _, members in groupby(crowd, key=itemgetter(0))
        for span in _settled([member[1:] for member in members])
    ]
    single = np.stack((start, end, kind))[:, alone]
    columns = np.concatenate((single, np.array(settled, dtype=np.int64).T), axis=1)
    start, end, kind = columns[:, np.argsort(columns[0], kind="stable")]
    return start, end, kind


def _merged(start: Positions, end: Positions) -> tuple[Positions, Positions]:
    """Spans of one kind, those that overlap as one."""
    if len(start) < 2:
        return start, end
    order = np.argsort(start, kind="stable")
    start, end = start[order], end[order]
    fresh = np.flatnonzero(np.append(True, start[1:] >= np.maximum.accumulate(end)[:-1]))
    return start[fresh], np.maximum.reduceat(end, fresh)


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
