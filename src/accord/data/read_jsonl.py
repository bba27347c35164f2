"""The jsonl reader: one JSON object a line, or a JSON array of objects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

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


@part("reader", Jsonl)
def jsonl(spec: Jsonl, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks with a column for every key of the block's objects."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        # Keys so far: one that some rows leave out is a missing value, not a missing column.
        names: dict[str, None] = {}
        for number, row in _objects(file, sink):
            rows.append(row)
            numbers.append(number)
            if len(rows) == source.batch_rows:
                yield _block(rows, numbers, names, file, source)
                rows, numbers = [], []
        if rows:
            yield _block(rows, numbers, names, file, source)

    return per_file(source, sink, read)


def _objects(file: AssetFile, sink: Sink) -> Iterator[tuple[int, dict[str, Any]]]:
    if suffix(file.path) == ".json":
        yield from _array(file, sink)
        return
    number = -1
    with open_bytes(file) as stream:
        for line, content in enumerate(stream, 1):
            if not content.strip():
                continue
            number += 1
            try:
                row = json.loads(content.decode("utf-8-sig" if line == 1 else "utf-8"))
                _encodable(row)
            except UnicodeDecodeError as error:
                told = describe(error)
                shown = content.decode("utf-8", "replace")
                sink(Reject(number, file.path, "invalid-utf8", told, line=line, content=shown))
                continue
            except json.JSONDecodeError as error:
                told = f"line {line} is no JSON: {error.msg} at column {error.colno}"
                shown = content.decode("utf-8", "replace")
                sink(Reject(number, file.path, "invalid-json", told, line=line, content=shown))
                continue
            except (UnicodeEncodeError, RecursionError) as error:
                told = f"line {line} holds half a character or is nested too deeply"
                sink(
                    Reject(number, file.path, "invalid-json", told, line=line, content=repr(error))
                )
                continue
            if isinstance(row, dict):
                yield number, row
            else:
                told = f"line {line} holds no object"
                sink(Reject(number, file.path, "invalid-json", told, line=line, content=str(row)))


def _array(file: AssetFile, sink: Sink) -> Iterator[tuple[int, dict[str, Any]]]:
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
            yield number, row
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
