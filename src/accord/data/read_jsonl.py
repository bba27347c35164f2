"""The jsonl reader: one JSON object a line, or a JSON array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from accord.data.opening import broken, open_bytes, suffix
from accord.data.reject import Reject
from accord.data.source import Block, ReaderSpec, Sink, Source, per_file
from accord.data.utf8 import describe
from accord.part import part
from accord.permit import AssetFile


class Jsonl(ReaderSpec):
    """JSON lines; `.json` files hold one array."""

    suffixes: ClassVar[tuple[str, ...]] = (".jsonl", ".ndjson", ".json")
    apart: ClassVar[bool] = True
    kind: Literal["jsonl"] = "jsonl"
    row_bytes: int = Field(16 << 20, ge=1 << 10)
    """Longest line; a longer one is a bad row. All that a row says is held in memory, many times
    over while it is prepared."""


Bad = tuple[str, str, str]
"""Why a line is no row: reason, what is told, what is shown."""
BEGINNING = 1000
"""Characters of a line that is too long which are shown, where rows are."""
AHEAD = 1 << 20
BLOCK_BYTES = 8 << 20
"""Bytes of lines from which on a block is full, however few its rows."""


@part("reader", Jsonl)
def jsonl(spec: Jsonl, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks with a column for every key of the block's objects."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        # Keys so far: one that some rows leave out is a missing value, not a missing column.
        names: dict[str, None] = {}
        held = 0
        for number, row, size in _objects(spec, file, sink):
            rows.append(row)
            numbers.append(number)
            held += size
            if len(rows) == source.batch_rows or held >= BLOCK_BYTES:
                yield _block(rows, numbers, names, file, source)
                rows, numbers, held = [], [], 0
        if rows:
            yield _block(rows, numbers, names, file, source)

    return per_file(source, sink, read)


def _objects(spec: Jsonl, file: AssetFile, sink: Sink) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Number, object and bytes of each row."""
    if suffix(file.path) == ".json":
        yield from _array(file, sink)
        return
    number = -1
    with open_bytes(file) as stream:
        for line, (content, size) in enumerate(_lines(stream, spec.row_bytes), 1):
            if not content.strip():
                continue
            number += 1
            found, bad = _parsed(content, size, line, spec.row_bytes)
            if bad is None:
                yield number, found, size
            else:
                reason, told, shown = bad
                sink(Reject(number, file.path, reason, told, line=line, content=shown))


def _lines(stream: BinaryIO, most: int) -> Iterator[tuple[bytes, int]]:
    """Each line, and how many bytes it has; of one that is too long only its beginning."""
    while content := stream.readline(most + 1):
        size, rest = len(content.removesuffix(b"\n")), content
        while size >= most and not rest.endswith(b"\n") and (rest := stream.readline(AHEAD)):
            size += len(rest.removesuffix(b"\n"))
        yield content, size


def _parsed(content: bytes, size: int, line: int, most: int) -> tuple[Any, Bad | None]:
    """The object in a line, or why there is none."""
    if size > most:
        fix = f"set `data.format: {{kind: jsonl, row_bytes: {size}}}`"
        told = f"line {line} has {size:,} bytes, {most:,} at most are read; {fix} to read it"
        return None, ("row-too-long", told, content[:BEGINNING].decode("utf-8", "replace"))
    try:
        row = json.loads(content.decode("utf-8-sig" if line == 1 else "utf-8"))
        _encodable(row)
    except UnicodeDecodeError as error:
        return None, ("invalid-utf8", describe(error), content.decode("utf-8", "replace"))
    except json.JSONDecodeError as error:
        told = f"line {line} is no JSON: {error.msg} at column {error.colno}"
        return None, ("invalid-json", told, content.decode("utf-8", "replace"))
    except (UnicodeEncodeError, RecursionError) as error:
        told = f"line {line} holds half a character or is nested too deeply"
        return None, ("invalid-json", told, repr(error))
    if not isinstance(row, dict):
        return None, ("invalid-json", f"line {line} holds no object", str(row))
    return row, None


def _array(file: AssetFile, sink: Sink) -> Iterator[tuple[int, dict[str, Any], int]]:
    with open_bytes(file) as stream:
        try:
            rows = json.loads(stream.read().decode("utf-8-sig"))
            _encodable(rows)
        except (ValueError, RecursionError) as error:
            raise broken(file, "the file is no JSON", str(error)) from error
    if not isinstance(rows, list):
        raise broken(file, "the file is no JSON array", type(rows).__name__, "save JSON lines")
    for number, row in enumerate(rows):
        if isinstance(row, dict):
            yield number, row, 0
        else:
            told = "the element is no object"
            sink(Reject(number, file.path, "invalid-json", told, content=str(row)))


def _encodable(value: Any) -> None:
    """Refuse lone surrogates, which JSON can escape and no text file can hold."""
    json.dumps(value, ensure_ascii=False).encode("utf-8")


def _block(
    rows: list[dict[str, Any]],
    numbers: list[int],
    names: dict[str, None],
    file: AssetFile,
    source: Source,
) -> Block:
    names |= dict.fromkeys(name for row in rows for name in row)
    wanted = [n for n in names if source.columns is None or n in source.columns]
    columns = [_column([row.get(name) for row in rows]) for name in wanted]
    batch = pa.RecordBatch.from_arrays(columns, names=wanted)
    return Block(batch, np.array(numbers, dtype=np.int64), file.path, source.asset.id)


def _column(values: list[Any]) -> pa.Array:
    """One Arrow type; values of several kinds, and lists of objects, become their JSON text.

    Arrow would give each object the fields of all others.
    """
    if any(isinstance(v, list) and any(isinstance(item, dict) for item in v) for v in values):
        return pa.array([None if v is None else _text(v) for v in values], pa.string())
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        return pa.array([None if v is None else _text(v) for v in values], pa.string())


def _text(value: Any) -> str:
    """As a cleaner writes a value of a column of one kind, so that blocks agree."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
