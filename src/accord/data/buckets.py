"""Keys brought together on disk: rows of one key meet in one bucket that fits into memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from accord.vault.scratch import Scratch

BUCKET_ROWS = 1 << 15
MOST_BUCKETS = 256
"""Files open at once; beyond 8 million rows buckets grow instead."""

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


def buckets(keys: Iterable[Keys], rows: int, folder: Path) -> Iterator[tuple[Keys, Rows]]:
    """Divide rows by the upper bits of their keys.

    Args:
        keys: Of all rows in order, in pieces.
        rows: How many there are.
        folder: For temporary files of 16 bytes a row, gone at the end.

    Yields:
        Keys and row numbers of a bucket, in order of the rows. Rows of equal keys share one.
    """
    bits = max(0, min(MOST_BUCKETS, -(-rows // BUCKET_ROWS)) - 1).bit_length()
    with tempfile.TemporaryDirectory(prefix=".buckets-", dir=folder) as scratch:
        files = [Scratch(Path(scratch) / str(number)) for number in range(1 << bits)]
        _write(keys, files, bits)
        for file in files:
            held = file.whole(np.uint64).reshape(-1, 2)
            file.remove()
            yield held[:, 0], held[:, 1].astype(np.int64)


def _write(keys: Iterable[Keys], files: Sequence[Scratch], bits: int) -> None:
    start = 0
    for piece in keys:
        numbers = np.arange(start, start + len(piece), dtype=np.uint64)
        start += len(piece)
        records = np.stack([piece, numbers], 1)
        if not bits:
            files[0].write(records.tobytes())
            continue
        home = (piece >> np.uint64(64 - bits)).astype(np.int64)
        order = np.argsort(home, kind="stable")
        cuts = np.searchsorted(home[order], np.arange(len(files) + 1))
        for file, first, last in zip(files, cuts[:-1], cuts[1:], strict=True):
            file.write(records[order[first:last]].tobytes())
    for file in files:
        file.flush()
