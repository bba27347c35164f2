"""Rows of any format that is read, as Arrow batches of one schema, to be sealed as Parquet."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from accord.data.read import reading
from accord.data.reject import Reject
from accord.data.source import BATCH_ROWS, Source
from accord.errors import DataError, Location
from accord.part import find
from accord.permit import Asset


def one_schema(asset: Asset) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema that all rows of an asset fit, and the rows in batches of it.

    The rows are read twice: JSON lines may name a column late, or turn from whole numbers to more.

    Raises:
        DataError: A row cannot be read; a copy must not lose it.
    """
    spec, _ = reading(asset, None)
    reader = find("reader", spec.kind)
    schemas: list[pa.Schema] = []
    for block in reader(spec, Source(asset, BATCH_ROWS), _refuse):
        if not schemas or block.batch.schema != schemas[-1]:
            schemas.append(block.batch.schema)
    try:
        schema = pa.unify_schemas(schemas, promote_options="permissive")
    except pa.ArrowInvalid as error:
        raise DataError(
            "the rows have columns of several types",
            code="column-type",
            location=Location(asset.root),
            got=str(error),
            why="a column of a Parquet file has one type",
            fix="seal the file as it is: leave out `--form parquet`",
        ) from error

    def batches() -> Iterator[pa.RecordBatch]:
        for block in reader(spec, Source(asset, BATCH_ROWS), _refuse):
            yield _fitted(block.batch, schema)

    return schema, batches()


def _fitted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        batch[field.name].cast(field.type)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _refuse(reject: Reject) -> None:
    raise DataError(
        "a row cannot be read",
        code="bad-row",
        location=Location(reject.file, reject.line),
        path=reject.place,
        got=reject.reason,
        why="a copy must not lose a row",
        fix="correct it, or seal the file as it is: leave out `--form parquet`",
    )
