"""What a reader is given and what it yields: permitted files in, numbered Arrow batches out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.reject import Reject
from accord.part import Spec
from accord.permit import Asset, AssetFile

BATCH_ROWS = 2048
Sink = Callable[[Reject], None]


@dataclass(frozen=True, slots=True)
class Source:
    """A permitted asset and how much of it to read at once.

    Args:
        asset: The files a reader may open.
        batch_rows: Most rows of a block.
        columns: Columns to read; None for all. A reader may yield more.
    """

    asset: Asset
    batch_rows: int = BATCH_ROWS
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of one file.

    Args:
        batch: The columns, named as in the data.
        rows: Number of each row, counted from 0 over all files of a role, rejected rows
            included. Shape [n].
        file: Path or URL they come from.
        asset: Id of the asset.
    """

    batch: pa.RecordBatch
    rows: npt.NDArray[np.int64]
    file: str
    asset: str

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: the rows alone, for a slice of Arrow data holds all of them."""
        return _received, (sent(self.batch), self.rows, self.file, self.asset)

    def keep(self, mask: npt.NDArray[np.bool_]) -> Block:
        """The rows where `mask` is true. Shape of `mask`: [n]."""
        if mask.all():
            return self
        return replace(self, batch=self.batch.filter(pa.array(mask)), rows=self.rows[mask])


def sent(batch: pa.RecordBatch) -> pa.Buffer:
    """A batch in Arrow's stream format."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue()


def received(content: pa.Buffer) -> pa.RecordBatch:
    """What `sent` wrote."""
    return pa.ipc.open_stream(content).read_next_batch()


def _received(content: pa.Buffer, rows: npt.NDArray[np.int64], file: str, asset: str) -> Block:
    return Block(received(content), rows, file, asset)


def per_file(
    source: Source, sink: Sink, read: Callable[[AssetFile, Sink], Iterator[Block]]
) -> Iterator[Block]:
    """Read the files of a source one after the other; rows are numbered on from file to file.

    Args:
        read: Yields the blocks of one file with rows numbered from 0 in that file, and passes
            broken rows, numbered likewise, to its sink.
    """
    start = 0
    for file in source.asset.files:
        first, seen = start, 0

        def passed_on(reject: Reject, first: int = first) -> None:
            nonlocal seen
            seen = max(seen, reject.row + 1)
            sink(replace(reject, row=first + reject.row))

        for block in read(file, passed_on):
            if len(block.rows):
                seen = max(seen, int(block.rows[-1]) + 1)
            yield replace(block, rows=block.rows + first)
        start = first + seen


class ReaderSpec(Spec):
    """Base of a reader's description.

    The part is a function `(spec, source, sink) -> Iterator[Block]`: blocks in file order, rows
    numbered from 0 within the source, broken rows numbered likewise and given to the sink.
    `suffixes` are the file names the reader is chosen for; `apart` says that what it makes of a
    file depends on that file alone, so that files may be read by different processes.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    apart: ClassVar[bool] = False
