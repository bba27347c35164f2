"""Rows that nearly repeat others: candidates by MinHash in bands, then their true similarity."""

from __future__ import annotations

import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from accord.data.minhash import BAND, HASHES, Signatures, band_keys, grams, signatures
from accord.vault.scratch import Scratch

Pairs = npt.NDArray[np.int64]
Grams = npt.NDArray[np.uint64]
_SLACK = 1.5
"""Standard errors by which an estimate may lie below what is asked."""
_HELD_BYTES = 1 << 22
"""Of texts whose 5-grams are kept at hand; 8 bytes each."""
_READ_BYTES = 1 << 19
"""Of texts read at a time."""


def jaccard(one: Grams, other: Grams, least: float = 0) -> float:
    """Jaccard similarity of two sorted sets; 0 where their sizes alone put it below `least`."""
    small, large = sorted((one, other), key=len)
    if len(small) < least * len(large):
        return 0.0
    place = np.minimum(np.searchsorted(large, small), len(large) - 1)
    shared = int(np.count_nonzero(large[place] == small))
    return shared / (len(small) + len(large) - shared)


class Nearly:
    """Normalised texts, and which of them nearly repeat an earlier one.

    In memory is a signature of 144 bytes a text; the texts lie in a file without a name, encrypted
    where the run is sealed. The cost is linear: a text is compared with at most two others in
    each of the twelve bands.

    Args:
        similarity: Jaccard similarity of character 5-grams that is to be reached.
        folder: For the file.
    """

    def __init__(self, similarity: float, folder: Path) -> None:
        self.similarity = similarity
        place = Path(tempfile.mkdtemp(prefix=".texts-", dir=folder))
        self._texts = Scratch(place / "texts.bin")
        # The open file outlives its name, and ends with the process at the latest.
        shutil.rmtree(place)
        self._ends = [0]
        self._signs: list[Signatures] = []
        self._held: OrderedDict[int, Grams] = OrderedDict()
        self._size = 0

    def add(self, texts: Sequence[str]) -> None:
        """Remember further texts."""
        self._signs.append(signatures(texts))
        for text in texts:
            content = text.encode()
            self._texts.write(content)
            self._ends.append(self._ends[-1] + len(content))

    def repeats(self, same: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Texts that are left out and the one each repeats, which stays; in order.

        Args:
            same: For each text the first that equals it; only firsts are looked at.
        """
        self._texts.flush()
        centre: dict[int, int] = {}
        for row, others in self._read(self._candidates(np.array(same, dtype=np.int64))):
            for other in dict.fromkeys(centre.get(other, other) for other in others):
                if self._alike(row, other):
                    centre[row] = other
                    yield row, other
                    break

    def close(self) -> None:
        """Let go of the texts."""
        self._texts.close()
        self._held.clear()
        self._signs.clear()

    def _candidates(self, first: npt.NDArray[np.int64]) -> Iterator[tuple[int, list[int]]]:
        """Rows, and earlier ones that share a band's key and about enough hashes with them."""
        if not self._signs:
            return
        own = np.flatnonzero(first == np.arange(len(first)))
        signs = np.concatenate(self._signs)[own]
        error = np.sqrt(self.similarity * (1 - self.similarity) / HASHES)
        least = self.similarity - _SLACK * error
        found: list[Pairs] = []
        for band in range(0, HASHES, BAND):
            keys = band_keys(signs, band)
            order = np.argsort(keys, kind="stable")
            fresh = np.append(True, keys[order][1:] != keys[order][:-1])
            start = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
            later = np.flatnonzero(~fresh)
            for before in (order[start[later]], order[later - 1]):
                pairs = np.stack((order[later], before), 1)
                alike = (signs[pairs[:, 0]] == signs[pairs[:, 1]]).mean(axis=1) >= least
                found.append(pairs[alike] @ np.array([len(own), 1]))
        pairs = np.unique(np.concatenate(found))
        if not len(pairs):
            return
        rows, others = own[pairs // len(own)], own[pairs % len(own)]
        starts = np.flatnonzero(np.append(True, rows[1:] != rows[:-1]))
        for row, few in zip(rows[starts].tolist(), np.split(others, starts[1:]), strict=True):
            yield row, few.tolist()

    def _read(self, candidates: Iterable[tuple[int, list[int]]]) -> Iterator[tuple[int, list[int]]]:
        """The same, once the 5-grams of many of them were computed together."""
        held, size = list[tuple[int, list[int]]](), 0
        for row, others in candidates:
            held.append((row, others))
            size += sum(self._ends[at + 1] - self._ends[at] for at in (row, *others))
            if size >= _READ_BYTES:
                self._hold(dict.fromkeys(at for row, others in held for at in (row, *others)))
                yield from held
                held, size = [], 0
        self._hold(dict.fromkeys(at for row, others in held for at in (row, *others)))
        yield from held

    def _alike(self, row: int, other: int) -> bool:
        return jaccard(self._grams(row), self._grams(other), self.similarity) >= self.similarity

    def _grams(self, row: int) -> Grams:
        if row not in self._held:
            self._hold((row,))
        return self._held[row]

    def _hold(self, rows: Iterable[int]) -> None:
        wanted = [row for row in rows if row not in self._held]
        if not wanted:
            return
        cuts = [(self._ends[row], self._ends[row + 1]) for row in wanted]
        self._size += sum(end - start for start, end in cuts)
        while self._size > _HELD_BYTES and self._held:
            gone, _ = self._held.popitem(last=False)
            self._size -= self._ends[gone + 1] - self._ends[gone]
        texts = [self._texts.read(end - start, start).decode() for start, end in cuts]
        found, starts = grams(texts)
        for row, own in zip(wanted, np.split(found, starts[1:]), strict=True):
            own.sort()
            self._held[row] = own[np.append(True, own[1:] != own[:-1])]
