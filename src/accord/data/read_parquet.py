"""The parquet reader."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from accord.data.opening import broken, open_random, parquet_keys
from accord.data.source import Block, ReaderSpec, Sink, Source, per_file
from accord.part import part
from accord.permit import AssetFile
from accord.vault.faults import changed


class Parquet(ReaderSpec):
    """Apache Parquet."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    apart: ClassVar[bool] = True
    kind: Literal["parquet"] = "parquet"


@part("reader", Parquet)
def parquet(spec: Parquet, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks of the file's own types."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        start = 0
        with open_random(file) as stream:
            keys = parquet_keys(file, stream)
            try:
                content = pq.ParquetFile(stream, decryption_properties=keys)
                names = content.schema_arrow.names
                wanted = [n for n in names if source.columns is None or n in source.columns]
                for batch in content.iter_batches(source.batch_rows, columns=wanted):
                    rows = np.arange(start, start + batch.num_rows, dtype=np.int64)
                    start += batch.num_rows
                    yield Block(batch, rows, file.path, source.asset.id)
            except (pa.ArrowInvalid, OSError) as error:
                if keys is not None:
                    raise changed(file.path, "a part of it does not decrypt") from None
                raise broken(file, "the file is no whole Parquet file", str(error)) from error

    return per_file(source, sink, read)
