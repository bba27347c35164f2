"""Rows that stand in more than one split: exact duplicates and near duplicates.

Use: one `Sketches` per preparation; `add` the sketch of every kept row of every split source in
order; once splits are assigned, `find_leaks(sketches, splits)`. What is remembered lies on disk;
memory does not grow with the rows, but for some five bytes of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.buckets import Keys, Rows, buckets
from accord.data.clean_messages import said
from accord.data.minhash import BAND, HASHES, Signatures, band_keys, normalised, signatures
from accord.recipe.data import Data
from accord.recipe.task import TASKS, Task
from accord.recipe.tree import Recipe
from accord.vault.scratch import Scratch

PAIRS = {"train-validation": (0, 1), "train-test": (0, 2), "validation-test": (1, 2)}
MOST_MATCHES = 64
"""Earlier rows a later one is compared with in a band: boilerplate must not square the work."""
ROUNDS = 16
PIECE = 1 << 14
"""Rows, or pairs of them, read at a time."""
EXAMPLES = 10
DIGEST_BYTES = 8

Found = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Leaks:
    """What stands in two splits.

    Args:
        exact: Held-out rows (validation or test; test in `validation-test`) that stand, after
            normalisation, in the earlier split too, by pair of splits.
        near: The same for near duplicates that are no exact ones.
        drop: True for rows of the earlier split that a later one also holds: dropping them
            leaves no leak. Shape [rows].
        examples: Up to 10 of {pair, kind, rows: [positions in order of `add`], similarity}.
    """

    exact: dict[str, int]
    near: dict[str, int]
    drop: npt.NDArray[np.bool_]
    examples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def total(self) -> int:
        return sum(self.exact.values()) + sum(self.near.values())


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is remembered of some rows.

    Args:
        digests: Of their contents, one after the other.
        signs: Their signatures; None if near duplicates are not looked for.
    """

    digests: bytes
    signs: Signatures | None


def sketch(contents: Sequence[str] | Sequence[bytes], similarity: float | None) -> Sketch:
    """The sketch of rows with these contents; a pure function of each."""
    texts = [c if isinstance(c, bytes) else normalised(c).encode() for c in contents]
    digests = [hashlib.blake2b(text, digest_size=DIGEST_BYTES).digest() for text in texts]
    signs = None if similarity is None else signatures([text.decode() for text in texts])
    return Sketch(b"".join(digests), signs)


def sketch_of(batch: pa.RecordBatch, recipe: Recipe, similarity: float | None) -> Sketch:
    """The sketch of the rows of a cleaned batch."""
    return sketch(contents(batch, recipe.data, TASKS[recipe.task]), similarity)


class Sketches:
    """What is remembered of each row to find its duplicates: about 150 bytes, on disk.

    MinHash (Broder, 1997) over character 5-grams, found through banding (locality-sensitive
    hashing): texts of similarity 0.8 meet in some band with probability above 0.999.

    Args:
        folder: For temporary files; removed when the `with` block ends.
        similarity: Jaccard similarity from which texts are near duplicates; None for exact only
            (tables, images).
    """

    def __init__(self, folder: Path, similarity: float | None) -> None:
        self.folder, self.similarity = folder, similarity
        self.rows = 0
        self._exact = Scratch(folder / "exact.bin")
        self._signs = Scratch(folder / "signs.bin")

    def __enter__(self) -> Sketches:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._exact.close()
        self._signs.close()

    def add(self, sketch: Sketch) -> None:
        """Remember further rows."""
        self._exact.write(sketch.digests)
        if sketch.signs is not None:
            self._signs.write(sketch.signs.tobytes())
        self.rows += len(sketch.digests) // DIGEST_BYTES

    def exact(self) -> Iterator[tuple[Keys, Rows]]:
        """64-bit hashes of the contents of all rows and the rows, in buckets."""
        self._exact.flush()
        return buckets(self._exact.pieces(np.uint64, PIECE), self.rows, self.folder)

    def band(self, band: int) -> Iterator[tuple[Keys, Rows]]:
        """Keys of one band of all signatures and the rows, in buckets."""
        self._signs.flush()
        pieces = self._signs.pieces(np.uint32, PIECE * HASHES)
        keys = (band_keys(piece.reshape(-1, HASHES), band) for piece in pieces)
        return buckets(keys, self.rows, self.folder)

    def alike(self, pairs: Found) -> npt.NDArray[np.float64]:
        """Estimated similarity of pairs of rows. [n, 2] -> [n]."""
        found = np.zeros(len(pairs))
        for start in range(0, len(pairs), PIECE):
            rows, place = np.unique(pairs[start : start + PIECE], return_inverse=True)
            signs, place = self._signatures(rows), place.reshape(-1, 2)
            same = signs[place[:, 0]] == signs[place[:, 1]]
            found[start : start + PIECE] = same.mean(1)
        return found

    def _signatures(self, rows: Rows) -> Signatures:
        """Read, not mapped: around each mapped row the kernel maps 16 pages, which count."""
        size = HASHES * np.dtype(np.uint32).itemsize
        read = [self._signs.read(size, row * size) for row in rows.tolist()]
        return np.frombuffer(b"".join(read), dtype=np.uint32).reshape(-1, HASHES)


def contents(batch: pa.RecordBatch, data: Data, task: Task) -> list[str] | list[bytes]:
    """What counts as the content of each row of a cleaned batch, labels left out."""
    if task.modality == "image":
        assert data.image is not None
        return batch[data.image].to_pylist()
    names = [data.text, data.text_pair, data.tokens, data.messages, data.prompt, data.completion]
    columns = [name for name in (*names, *data.numeric, *data.categorical) if name is not None]
    values = [batch[name].to_pylist() for name in columns if name in batch.schema.names]
    if data.messages is not None:
        values = [[said(text) for text in talks] for talks in values]
    texts = ["\x1f".join(_text(v) for v in row) for row in zip(*values, strict=True)]
    return texts if task.modality == "text" else [text.encode() for text in texts]


def find_leaks(sketches: Sketches, splits: npt.NDArray[np.int8]) -> Leaks:
    """Duplicates across splits.

    Args:
        sketches: Of all rows.
        splits: Split of each row in order of `add` (see `accord.data.split`). Shape [rows].
    """
    search = _Search(sketches, splits, np.zeros(len(splits), dtype=bool))
    search.find_exact()
    if sketches.similarity is not None:
        for band in range(0, HASHES, BAND):
            for keys, rows in sketches.band(band):
                for pair in PAIRS:
                    search.find_near(pair, keys, rows, sketches.similarity)
    return search.leaks()


@dataclass(slots=True)
class _Search:
    """What was found so far: a few flags a row, a few examples."""

    sketches: Sketches
    splits: npt.NDArray[np.int8]
    drop: npt.NDArray[np.bool_]
    exact: dict[str, npt.NDArray[np.bool_]] = field(init=False)
    near: dict[str, npt.NDArray[np.bool_]] = field(init=False)
    shown: dict[tuple[str, str], Found] = field(init=False)

    def __post_init__(self) -> None:
        self.exact = {pair: np.zeros(len(self.splits), dtype=bool) for pair in PAIRS}
        self.near = {pair: np.zeros(len(self.splits), dtype=bool) for pair in PAIRS}
        none = np.zeros((0, 2), np.int64)
        self.shown = {(pair, kind): none for pair in PAIRS for kind in ("exact", "near")}

    def find_exact(self) -> None:
        for keys, rows in self.sketches.exact():
            for pair in PAIRS:
                left, right = self._sides(pair, rows)
                a, b = keys[left], keys[right]
                same = np.flatnonzero(np.isin(b, a))
                self.exact[pair][rows[right[same]]] = True
                self.drop[rows[left[np.isin(a, b)]]] = True
                order = np.argsort(a, kind="stable")
                first = order[np.searchsorted(a[order], b[same])]
                found = np.stack([rows[left[first]], rows[right[same]]], 1)
                self._show(pair, "exact", found, by=1)

    def find_near(self, pair: str, keys: Keys, rows: Rows, similarity: float) -> None:
        """Near duplicates within a bucket of a band.

        Later rows that also stand in the earlier split exactly are counted there alone; earlier
        rows near *any* later one are dropped. In rounds, because of a crowded band only
        `MOST_MATCHES` earlier rows are compared at a time.
        """
        left, right = self._sides(pair, rows)
        if not len(left) or not len(right):
            return
        for _ in range(ROUNDS):
            pairs = _candidates(keys, rows, left, right)
            near = pairs[self.sketches.alike(pairs) >= similarity]
            if not len(near):
                return
            counted = near[~self.exact[pair][near[:, 1]]]
            self.near[pair][counted[:, 1]] = True
            self._show(pair, "near", counted, by=0)
            self.drop[near[:, 0]] = True
            left = left[~np.isin(rows[left], near[:, 0])]

    def leaks(self) -> Leaks:
        """The sums."""
        examples: list[dict[str, Any]] = []
        for (pair, kind), rows in self.shown.items():
            rows = rows[: EXAMPLES - len(examples)]
            alike = np.ones(len(rows)) if kind == "exact" else self.sketches.alike(rows)
            examples += [
                {"pair": pair, "kind": kind, "rows": both, "similarity": value}
                for both, value in zip(rows.tolist(), alike.tolist(), strict=True)
            ]
        exact = {pair: int(hit.sum()) for pair, hit in self.exact.items()}
        near = {pair: int(hit.sum()) for pair, hit in self.near.items()}
        return Leaks(exact, near, self.drop, examples)

    def _sides(self, pair: str, rows: Rows) -> tuple[Rows, Rows]:
        """Places in `rows` of the earlier and of the later split's rows."""
        earlier, later = PAIRS[pair]
        own = self.splits[rows]
        return np.flatnonzero(own == earlier), np.flatnonzero(own == later)

    def _show(self, pair: str, kind: str, found: Found, *, by: int) -> None:
        """Keep the first few, in order of their earlier (0) or later (1) row."""
        both = np.unique(np.concatenate([self.shown[pair, kind], found]), axis=0)
        order = np.lexsort((both[:, 1 - by], both[:, by]))
        self.shown[pair, kind] = both[order[:EXAMPLES]]


def _candidates(keys: Keys, rows: Rows, left: Rows, right: Rows) -> Found:
    """Pairs (earlier row, later row) of equal keys, the first `MOST_MATCHES` of each later row.

    Args:
        keys, rows: Of a bucket.
        left, right: Places in them.
    """
    a, b = keys[left], keys[right]
    order = np.argsort(a, kind="stable")
    first = np.searchsorted(a[order], b, side="left")
    count = np.minimum(np.searchsorted(a[order], b, side="right") - first, MOST_MATCHES)
    later = np.repeat(np.arange(len(b)), count)
    offset = np.arange(len(later)) - np.repeat(np.cumsum(count) - count, count)
    return np.stack([rows[left[order[first[later] + offset]]], rows[right[later]]], 1)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
