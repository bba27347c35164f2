"""Rows that stand in more than one split: exact duplicates and near duplicates.

Use: one `Sketches` per preparation; `add` the content of every kept row of every split source in
order; once splits are assigned, `find_leaks(sketches, splits, similarity)`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.clean_messages import said
from accord.recipe.data import Data
from accord.recipe.task import Task

PAIRS = ("train-validation", "train-test", "validation-test")
GRAM = 5
HASHES, BAND = 36, 3
MOST_MATCHES = 64
"""Earlier rows a later one is compared with in a band: boilerplate must not square the work."""
ROUNDS = 16
CHUNK = 1 << 16
MIXERS = [(0x9E3779B1 + 0x85EBCA6B * (2 * i)) % 2**32 | 1 for i in range(HASHES)]

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


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
        self._exact = (folder / "exact.bin").open("wb")
        self._signs = (folder / "signs.bin").open("wb")

    def __enter__(self) -> Sketches:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._exact.close()
        self._signs.close()

    def add(self, contents: Sequence[str] | Sequence[bytes]) -> None:
        """Sketch further rows."""
        texts = [c if isinstance(c, bytes) else normalised(c).encode() for c in contents]
        digests = [hashlib.blake2b(text, digest_size=8).digest() for text in texts]
        self._exact.write(b"".join(digests))
        if self.similarity is not None:
            self._signs.write(signatures([text.decode() for text in texts]).tobytes())
        self.rows += len(texts)

    def exact(self) -> Keys:
        """64-bit hash of every row's content. Shape [rows]."""
        self._exact.flush()
        return np.fromfile(self.folder / "exact.bin", dtype=np.uint64)

    def signs(self) -> npt.NDArray[np.uint32]:
        """Signatures, memory-mapped. Shape [rows, HASHES]."""
        self._signs.flush()
        if not self.rows:
            return np.zeros((0, HASHES), dtype=np.uint32)
        path = self.folder / "signs.bin"
        return np.memmap(path, dtype=np.uint32, mode="r", shape=(self.rows, HASHES))


def normalised(text: str) -> str:
    """What two texts are compared by: NFKC, case folded, white space single."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def signatures(texts: Sequence[str]) -> npt.NDArray[np.uint32]:
    """MinHash signatures of normalised texts. Shape [texts, HASHES].

    All 5-grams of a batch are hashed at once; a text shorter than 5 characters is one gram.
    """
    padded = [text.ljust(GRAM, "\0") for text in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    found = np.empty((len(texts), HASHES), dtype=np.uint32)
    if not len(texts):
        return found
    with np.errstate(over="ignore"):
        grams = np.zeros(max(len(points) - GRAM + 1, 0), dtype=np.uint64)
        for offset in range(GRAM):
            grams = grams * np.uint64(0x100000001B3) + points[offset : offset + len(grams)]
        grams = (grams ^ (grams >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        grams ^= grams >> np.uint64(29)
    ends = np.cumsum(lengths)
    # Grams that cross into the next text are left out of each segment's minimum.
    inside = np.ones(len(grams), dtype=bool)
    for back in range(1, GRAM):
        crossing = ends[:-1] - back
        inside[crossing[crossing < len(grams)]] = False
    kept = grams[inside]
    counts = lengths - GRAM + 1
    segments = np.concatenate(([0], np.cumsum(counts)[:-1]))
    low, high = kept.astype(np.uint32), (kept >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    with np.errstate(over="ignore"):
        for index in range(HASHES):
            # Double hashing (Kirsch and Mitzenmacher, 2006), then a mix so that orders differ.
            mixed = low + np.uint32(index) * high
            mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(MIXERS[index])
            mixed ^= mixed >> np.uint32(13)
            found[:, index] = np.minimum.reduceat(mixed, segments)
    return found


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
    exact = sketches.exact()
    drop = np.zeros(len(splits), dtype=bool)
    leaks = Leaks(dict.fromkeys(PAIRS, 0), dict.fromkeys(PAIRS, 0), drop)
    signs = sketches.signs() if sketches.similarity is not None else None
    for pair, (earlier, later) in zip(PAIRS, ((0, 1), (0, 2), (1, 2)), strict=True):
        left, right = np.flatnonzero(splits == earlier), np.flatnonzero(splits == later)
        same = np.isin(exact[right], exact[left])
        leaks.exact[pair] = int(same.sum())
        drop[left[np.isin(exact[left], exact[right])]] = True
        _remember(leaks, pair, "exact", _matches(exact, left, right[same]))
        if signs is None or sketches.similarity is None:
            continue
        near = _near(signs, left, right[~same], sketches.similarity)
        leaks.near[pair] = len(np.unique(near[:, 1])) if len(near) else 0
        _remember(leaks, pair, "near", near[:10], signs)
        _drop_near(signs, left, right, sketches.similarity, drop)
    return leaks


def _drop_near(
    signs: npt.NDArray[np.uint32],
    left: Rows,
    right: Rows,
    similarity: float,
    drop: npt.NDArray[np.bool_],
) -> None:
    """Mark the earlier rows that are near any later one, those near an exact duplicate too.

    Rounds, because of a crowded band only `MOST_MATCHES` earlier rows are compared at a time.
    """
    for _ in range(ROUNDS):
        near = _near(signs, left[~drop[left]], right, similarity)
        if not len(near):
            return
        drop[np.unique(near[:, 0])] = True


def _near(
    signs: npt.NDArray[np.uint32], left: Rows, right: Rows, similarity: float
) -> npt.NDArray[np.int64]:
    """Pairs (earlier row, later row) whose estimated similarity suffices, band by band."""
    found: list[npt.NDArray[np.int64]] = []
    for band in range(0, HASHES, BAND):
        a, b = _keys(signs, left, band), _keys(signs, right, band)
        order = np.argsort(a, kind="stable")
        first = np.searchsorted(a[order], b, side="left")
        count = np.minimum(np.searchsorted(a[order], b, side="right") - first, MOST_MATCHES)
        later = np.repeat(np.arange(len(b)), count)
        offset = np.arange(len(later)) - np.repeat(np.cumsum(count) - count, count)
        pairs = np.stack([left[order[first[later] + offset]], right[later]], 1)
        found.append(_verified(signs, pairs, similarity))
    return np.unique(np.concatenate(found), axis=0) if found else np.zeros((0, 2), np.int64)


def _verified(
    signs: npt.NDArray[np.uint32], pairs: npt.NDArray[np.int64], similarity: float
) -> npt.NDArray[np.int64]:
    """The pairs whose signatures agree in at least `similarity` of the hashes."""
    kept: list[npt.NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(pairs), CHUNK):
        some = pairs[start : start + CHUNK]
        alike = (signs[some[:, 0]] == signs[some[:, 1]]).mean(1)
        kept.append(some[alike >= similarity])
    return np.concatenate(kept)


def _keys(signs: npt.NDArray[np.uint32], rows: Rows, band: int) -> Keys:
    """One 64-bit key for the hashes of a band. Shape [rows]."""
    keys = np.zeros(len(rows), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for start in range(0, len(rows), CHUNK):
            part = signs[rows[start : start + CHUNK], band : band + BAND].astype(np.uint64)
            key = np.zeros(len(part), dtype=np.uint64)
            for column in range(BAND):
                key = key * np.uint64(0x9E3779B97F4A7C15) + part[:, column]
            keys[start : start + CHUNK] = key
    return keys


def _matches(exact: Keys, left: Rows, right: Rows) -> npt.NDArray[np.int64]:
    """For some later rows, an earlier row of the same content."""
    order = np.argsort(exact[left], kind="stable")
    some = right[:10]
    at = np.searchsorted(exact[left][order], exact[some])
    return np.stack([left[order[at]], some], 1) if len(some) else np.zeros((0, 2), np.int64)


def _remember(
    leaks: Leaks,
    pair: str,
    kind: str,
    rows: npt.NDArray[np.int64],
    signs: npt.NDArray[np.uint32] | None = None,
) -> None:
    for earlier, later in rows.tolist()[: max(0, 10 - len(leaks.examples))]:
        alike = 1.0 if signs is None else float((signs[earlier] == signs[later]).mean())
        example = {"pair": pair, "kind": kind, "rows": [earlier, later], "similarity": alike}
        leaks.examples.append(example)


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value)
