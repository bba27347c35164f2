"""The arrow reader: IPC files and streams, Feather."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from accord.data.opening import broken, open_random
from accord.data.source import Block, ReaderSpec, Sink, Source, per_file
from accord.part import part
from accord.permit import AssetFile


class Arrow(ReaderSpec):
    """Arrow IPC in file or stream format."""

    suffixes: ClassVar[tuple[str, ...]] = (".arrow", ".ipc", ".feather")
    apart: ClassVar[bool] = True
    kind: Literal["arrow"] = "arrow"


@part("reader", Arrow)
def arrow(spec: Arrow, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks of the file's own types."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        start = 0
        for batch in _batches(file):
            wanted = [
                n for n in batch.schema.names if source.columns is None or n in source.columns
            ]
            chosen = batch.select(wanted)
            for at in range(0, chosen.num_rows, source.batch_rows):
                piece = chosen.slice(at, source.batch_rows)
                rows = np.arange(start, start + piece.num_rows, dtype=np.int64)
                start += piece.num_rows
                yield Block(piece, rows, file.path, source.asset.id)

    return per_file(source, sink, read)


def _batches(file: AssetFile) -> Iterator[pa.RecordBatch]:
    with open_random(file) as stream:
        try:
            if stream.read(6) == b"ARROW1":
                content = pa.ipc.open_file(stream)
                for index in range(content.num_record_batches):
                    yield content.get_batch(index)
            else:
                stream.seek(0)
                yield from pa.ipc.open_stream(stream)
        except (pa.ArrowInvalid, OSError) as error:
            raise broken(file, "the file is no whole Arrow file", str(error)) from error
