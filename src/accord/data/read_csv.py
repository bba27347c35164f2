"""The csv reader: CSV, TSV and their relatives, every cell as text.

Cells get their type from what the recipe uses a column for, not from the first rows, so a type
cannot change in the middle of a file.
"""

from __future__ import annotations

import csv as python_csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv
from pydantic import Field

from accord.data.opening import broken, open_bytes, suffix
from accord.data.reject import Reject
from accord.data.source import Block, ReaderSpec, Sink, Source, per_file
from accord.data.utf8 import decode
from accord.errors import DataError, Location
from accord.part import part
from accord.permit import AssetFile


class Csv(ReaderSpec):
    """Rows of cells. TSV by name is read with tabs and, as its standard says, without quotes."""

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab")
    apart: ClassVar[bool] = True
    kind: Literal["csv"] = "csv"
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    """By default a comma, or a tab for `.tsv` and `.tab`."""
    quote: str | None = Field("auto", max_length=4)
    """Quoting character; null for none; `auto` is `"`, none for tab-separated files."""
    escape: str | None = Field(None, min_length=1, max_length=1)
    """Character that escapes the next one; by default quotes are doubled."""
    encoding: str = "utf-8"
    has_header: bool | None = None
    """By default true unless `columns` is given."""
    columns: tuple[str, ...] | None = None
    """Names of the columns of a file without a header."""
    null_values: tuple[str, ...] = ("",)
    """Cells that count as missing."""
    skip_lines: int = Field(0, ge=0)
    """Lines to pass over before the header."""
    block_bytes: int = Field(1 << 20, ge=1 << 10)
    """Read at once, up to 32 of them ahead; a row must be shorter."""


@dataclass(slots=True)
class _Ragged:
    """Collects rows with too many or too few cells; `first` is the number of the first row."""

    first: int
    found: dict[int, tuple[int, int, str]] = field(default_factory=dict[int, Any])

    def __call__(self, row: arrow_csv.InvalidRow) -> str:
        number = row.number - self.first
        self.found[number] = (row.expected_columns, row.actual_columns, row.text)
        return "skip"


@part("reader", Csv)
def csv(spec: Csv, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks of string columns."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        return _read(spec, source, file, sink)

    return per_file(source, sink, read)


def _read(spec: Csv, source: Source, file: AssetFile, sink: Sink) -> Iterator[Block]:
    names = _names(spec, file)
    if names is None:
        return
    wanted = [n for n in names if source.columns is None or n in source.columns]
    header = _has_header(spec)
    ragged = _Ragged(first=2 if header else 1)
    start = 0
    for batch in _batches(spec, file, names, wanted, ragged):
        for piece in _pieces(batch, source.batch_rows):
            rows = _numbers(start, piece.num_rows, ragged)
            start = int(rows[-1]) + 1 if len(rows) else start
            _report(ragged, start, file, sink)
            yield _decoded(piece, rows, file, source, sink)
    _report(ragged, None, file, sink)


def _pieces(batch: pa.RecordBatch, size: int) -> Iterator[pa.RecordBatch]:
    return (batch.slice(at, size) for at in range(0, batch.num_rows, size))


def _numbers(start: int, count: int, ragged: _Ragged) -> npt.NDArray[np.int64]:
    """Row numbers of the next `count` good rows: ragged ones keep theirs."""
    bad = np.fromiter((n for n in ragged.found if n >= start), np.int64)
    numbers = np.arange(start, start + count + len(bad), dtype=np.int64)
    return np.setdiff1d(numbers, bad, assume_unique=True)[:count]


def _report(ragged: _Ragged, before: int | None, file: AssetFile, sink: Sink) -> None:
    """Hand on ragged rows whose place has been reached."""
    for number in sorted(n for n in ragged.found if before is None or n < before):
        expected, actual, text = ragged.found.pop(number)
        detail = f"the row has {actual} cells, the file has {expected} columns"
        sink(Reject(number, file.path, "ragged-row", detail, content=text))


def _decoded(
    batch: pa.RecordBatch,
    rows: npt.NDArray[np.int64],
    file: AssetFile,
    source: Source,
    sink: Sink,
) -> Block:
    good = np.ones(batch.num_rows, dtype=bool)
    columns: list[pa.Array] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        text, wrong = decode(column)
        columns.append(text)
        for at, detail in wrong.items():
            if good[at]:
                cell = column[at].as_py().decode("utf-8", "replace")
                sink(Reject(int(rows[at]), file.path, "invalid-utf8", detail, name, content=cell))
            good[at] = False
    decoded = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
    return Block(decoded, rows, file.path, source.asset.id).keep(good)


def _batches(
    spec: Csv, file: AssetFile, names: list[str], wanted: list[str], ragged: _Ragged
) -> Iterator[pa.RecordBatch]:
    read = arrow_csv.ReadOptions(
        use_threads=False,  # row numbers of ragged rows are known only in order
        block_size=spec.block_bytes,
        skip_rows=spec.skip_lines,
        skip_rows_after_names=int(_has_header(spec)),
        column_names=names,
        encoding=spec.encoding,
    )
    parse = arrow_csv.ParseOptions(
        **_dialect(spec, file), newlines_in_values=True, invalid_row_handler=ragged
    )
    convert = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.binary()),
        include_columns=wanted,
        null_values=list(spec.null_values),
        strings_can_be_null=True,
        check_utf8=False,
    )
    try:
        with open_bytes(file) as stream:
            yield from arrow_csv.open_csv(
                stream, read_options=read, parse_options=parse, convert_options=convert
            )
    except UnicodeDecodeError as error:
        raise _wrong_encoding(spec, file, error) from error
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise broken(
            file,
            "the file cannot be divided into rows",
            str(error),
            "look for a quote that is never closed, or set `data.format.quote: null`; "
            f"rows longer than {spec.block_bytes:,} bytes need more at once: "
            f"`data.format: {{kind: csv, block_bytes: {16 * spec.block_bytes}}}`",
        ) from error


def _dialect(spec: Csv, file: AssetFile) -> dict[str, Any]:
    tabs = suffix(file.path) in (".tsv", ".tab")
    delimiter = spec.delimiter or ("\t" if tabs else ",")
    quote = spec.quote if spec.quote != "auto" else (None if delimiter == "\t" else '"')
    return {
        "delimiter": delimiter,
        "quote_char": quote or False,
        "double_quote": quote is not None and spec.escape is None,
        "escape_char": spec.escape or False,
    }


def _has_header(spec: Csv) -> bool:
    return spec.columns is None if spec.has_header is None else spec.has_header


def _names(spec: Csv, file: AssetFile) -> list[str] | None:
    """Names of the columns; None if the file is empty."""
    names = _first_row(spec, file)
    if names is None:
        return None
    if spec.columns is not None:
        if len(names) != len(spec.columns):
            raise DataError(
                f"the file has {len(names)} columns, `data.format.columns` names "
                f"{len(spec.columns)}",
                code="csv-columns",
                location=Location(file.path, 1 + spec.skip_lines),
                got=", ".join(spec.columns),
                fix="name every column, or check `data.format.delimiter`",
            )
        names = list(spec.columns)
    elif not _has_header(spec):
        names = [f"column_{n}" for n in range(1, len(names) + 1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            "two columns have the same name",
            code="csv-columns",
            location=Location(file.path, 1 + spec.skip_lines),
            got=twice[0],
            fix="rename one of them in the file, or name all with `data.format.columns`",
        )
    return names


def _first_row(spec: Csv, file: AssetFile) -> list[str] | None:
    dialect = _dialect(spec, file)
    quote = dialect["quote_char"] or None
    unicode = spec.encoding.lower() in ("utf-8", "utf8")
    encoding = "utf-8-sig" if unicode else spec.encoding
    # A whole chunk is decoded at once; wrong bytes below the first row are that row's matter.
    errors = "surrogateescape" if unicode else "strict"
    try:
        with open_bytes(file) as stream:
            lines = TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
            for _ in range(spec.skip_lines):
                lines.readline()
            rows = python_csv.reader(
                lines,
                delimiter=dialect["delimiter"],
                quotechar=quote,
                quoting=python_csv.QUOTE_MINIMAL if quote else python_csv.QUOTE_NONE,
                escapechar=spec.escape,
            )
            first = next((row for row in rows if row), None)
            lines.detach()
            "".join(first or ()).encode("utf-8", "surrogateescape").decode("utf-8")
            return first
    except UnicodeDecodeError as error:
        raise _wrong_encoding(spec, file, error) from error
    except LookupError as error:
        raise DataError(
            "there is no such encoding",
            code="encoding-wrong",
            path="data.format.encoding",
            got=spec.encoding,
            expected="utf-8, gbk, latin-1, utf-16, ...",
            fix="name the encoding the file was saved in",
        ) from error
    except python_csv.Error as error:
        raise broken(file, "the first row cannot be read", str(error)) from error


def _wrong_encoding(spec: Csv, file: AssetFile, error: UnicodeDecodeError) -> DataError:
    return DataError(
        f"the file is not {spec.encoding} text",
        code="encoding-wrong",
        location=Location(file.path),
        got=str(error),
        why="text read in the wrong encoding is noise",
        fix="name the encoding it was saved in with `data.format.encoding` (gbk, latin-1, utf-16)",
    )
