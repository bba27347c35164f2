"""Rows of a sealed Arrow file, taken in any order; of the plaintext a bounded part is in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.vault.files import open_arrow

HELD_BYTES = 256 << 20
"""Decrypted batches kept for the next rows; smaller data sets are decrypted once."""


class SealedRows:
    """What is used of a table, over a file that is decrypted batch by batch.

    Args:
        path: Of an Arrow file, sealed or not.
        held_bytes: Most that is kept of decrypted batches.
    """

    def __init__(self, path: Path, held_bytes: int = HELD_BYTES) -> None:
        self._path, self._most = path, held_bytes
        self._reader = pa.ipc.open_file(open_arrow(path))
        self.column_names: list[str] = self._reader.schema.names
        self._held: OrderedDict[int, pa.RecordBatch] = OrderedDict()
        self._size, self._lock = 0, threading.Lock()
        self._ends = np.cumsum(self._counted(), dtype=np.int64)

    @property
    def num_rows(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        """One column, whole."""
        kind = self._reader.schema.field(name).type
        return pa.chunked_array(list(self.chunks(name)), type=kind)

    def chunks(self, name: str) -> Iterator[pa.Array]:
        """One column, batch by batch; of the others nothing is decrypted."""
        place = self.column_names.index(name)
        options = pa.ipc.IpcReadOptions(included_fields=[place])
        with open_arrow(self._path) as source:
            reader = pa.ipc.open_file(source, options=options)
            for i in range(reader.num_record_batches):
                yield reader.get_batch(i).column(0)

    def take(self, indices: pa.Array) -> pa.Table:
        """The rows at these positions, in this order."""
        rows: npt.NDArray[np.int64] = indices.to_numpy(zero_copy_only=False).astype(np.int64)
        home = np.searchsorted(self._ends, rows, side="right")
        order = np.argsort(home, kind="stable")
        parts: list[pa.RecordBatch] = []
        for number in np.unique(home).tolist():
            start = int(self._ends[number - 1]) if number else 0
            inner = rows[order][home[order] == number] - start
            parts.append(self._batch(number).take(pa.array(inner)))
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return pa.Table.from_batches(parts, self._reader.schema).take(pa.array(back))

    def select(self, names: Sequence[str]) -> pa.Table:
        """Some columns, whole."""
        return pa.table({name: self[name] for name in names})

    def whole(self) -> pa.Table:
        """All rows at once, in memory."""
        with open_arrow(self._path) as source:
            return pa.ipc.open_file(source).read_all()

    def _batch(self, number: int) -> pa.RecordBatch:
        with self._lock:
            if number in self._held:
                self._held.move_to_end(number)
                return self._held[number]
            batch = self._reader.get_batch(number)
            self._held[number] = batch
            self._size += batch.nbytes
            while self._size > self._most and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                self._size -= dropped.nbytes
            return batch

    def _counted(self) -> list[int]:
        """Rows of each batch, of which the first column is enough to know."""
        if not self.column_names:
            return []
        return [len(chunk) for chunk in self.chunks(self.column_names[0])]
