"""An Arrow file written in batches of one size, whatever sizes they come in."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import pyarrow as pa

from accord.vault.files import open_arrow, open_to_write, writing

BATCH_ROWS = 2048


def write_empty(path: Path, like: Path) -> None:
    """An Arrow file without rows, in the form of another."""
    with open_arrow(like) as stream:
        schema = pa.ipc.open_file(stream).schema
    with writing(path) as sink:
        pa.ipc.new_file(sink, schema).close()


class ArrowFile:
    """Collects batches and writes them, cut anew.

    Guarantees:
        The bytes depend on the rows alone, not on how they were divided into batches.
    """

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self.first: pa.RecordBatch | None = None  # two rows that show what a row looks like
        self._sink = open_to_write(path)
        self._writer: pa.RecordBatchFileWriter | None = None
        self._pending: list[pa.RecordBatch] = []
        self._waiting = 0

    def __enter__(self) -> ArrowFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None and self._waiting:
            self._write(pa.Table.from_batches(self._pending))
        if self._writer is not None:
            self._writer.close()
        self._sink.close()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in rows; full batches are written at once."""
        if self.first is None and batch.num_rows:
            self.first = batch.slice(0, 2)
        self._pending.append(batch)
        self._waiting += batch.num_rows
        self.rows += batch.num_rows
        if self._waiting >= BATCH_ROWS:
            table = pa.Table.from_batches(self._pending)
            full = self._waiting // BATCH_ROWS * BATCH_ROWS
            self._write(table.slice(0, full))
            rest = table.slice(full).combine_chunks()
            self._pending, self._waiting = rest.to_batches(), rest.num_rows

    def _write(self, table: pa.Table) -> None:
        if self._writer is None:
            self._writer = pa.ipc.new_file(self._sink, table.schema)
        for start in range(0, table.num_rows, BATCH_ROWS):
            # Concatenated anew, so that no batch is written with another's offsets.
            part = table.slice(start, BATCH_ROWS).combine_chunks()
            self._writer.write_batch(part.to_batches()[0])
