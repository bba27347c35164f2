"""The huggingface reader: data sets of the hub or saved on disk, through `datasets`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from accord.data.read_arrow import Arrow
from accord.data.saved import is_saved_sealed, sealed_shards
from accord.data.source import Block, ReaderSpec, Sink, Source
from accord.errors import DataError
from accord.part import find, part, require


class HuggingFace(ReaderSpec):
    """`hf://name[:config][@split]`, or a folder that `save_to_disk` wrote, `@split` allowed."""

    kind: Literal["huggingface"] = "huggingface"
    split: str | None = None
    """By default the role's own name, else `train`, else the only one."""


@part("reader", HuggingFace)
def huggingface(spec: HuggingFace, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks of the data set's own types; class labels become their names."""
    if is_saved_sealed(source.asset.root):
        yield from _sealed(spec, source, sink)
        return
    library: Any = require("datasets", "hub", "reading Hugging Face data sets")
    library.disable_progress_bars()
    location = source.asset.location
    named, _, split = location.partition("@")
    found = _load(library, named, source)
    if isinstance(found, dict):
        found = found[_split(spec.split or split, list(found), source)]
    names = {
        column: feature.names
        for column, feature in found.features.items()
        if type(feature).__name__ == "ClassLabel"
    }
    wanted = [c for c in found.column_names if source.columns is None or c in source.columns]
    start = 0
    for table in found.select_columns(wanted).with_format("arrow").iter(source.batch_rows):
        rows = np.arange(start, start + table.num_rows, dtype=np.int64)
        start += table.num_rows
        yield Block(_named(table, names), rows, location, source.asset.id)


def _sealed(spec: HuggingFace, source: Source, sink: Sink) -> Iterator[Block]:
    asked = spec.split or source.asset.location.partition("@")[2]
    shards, names = sealed_shards(source, lambda there: _split(asked, there, source))
    for block in find("reader", "arrow")(Arrow(), shards, sink):
        yield replace(block, batch=_named(pa.Table.from_batches([block.batch]), names))


def _load(library: Any, named: str, source: Source) -> Any:
    try:
        if not named.startswith("hf://"):
            return library.load_from_disk(source.asset.root)
        name, _, config = named.removeprefix("hf://").partition(":")
        return library.load_dataset(name, config or None)
    except (OSError, ValueError, ConnectionError) as error:
        raise DataError(
            "the data set cannot be had",
            code="dataset-missing",
            path=f"data.{source.asset.role}",
            got=source.asset.location,
            why=str(error)[:200],
            fix="check the name; without a network the data set must be in the cache or on disk",
        ) from error


def _split(asked: str, there: list[str], source: Source) -> str:
    only = there if len(there) == 1 else ()
    for name in (asked,) if asked else (source.asset.role, "train", *only):
        if name in there:
            return name
    raise DataError(
        "the data set has no such split",
        code="dataset-missing",
        path=f"data.{source.asset.role}",
        got=asked or source.asset.role,
        expected=", ".join(there),
        fix=f"name one: `{source.asset.location.partition('@')[0]}@{there[0]}`",
    )


def _named(table: pa.Table, names: dict[str, list[str]]) -> pa.RecordBatch:
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    for name, labels in names.items():
        if name in columns:
            values = columns[name].to_pylist()
            texts = [None if v is None or v < 0 else labels[v] for v in values]
            columns[name] = pa.array(texts, pa.string())
    return pa.RecordBatch.from_pydict(columns)
