"""The text reader: lines, paragraphs or whole documents in a column `text`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from accord.data.opening import open_bytes
from accord.data.reject import Reject
from accord.data.source import Block, ReaderSpec, Sink, Source, per_file
from accord.data.utf8 import describe
from accord.errors import DataError
from accord.part import part
from accord.permit import AssetFile


class Text(ReaderSpec):
    """Plain text. Blank lines are no rows."""

    suffixes: ClassVar[tuple[str, ...]] = (".txt", ".text", ".md")
    apart: ClassVar[bool] = True
    kind: Literal["text"] = "text"
    unit: Literal["line", "paragraph", "document"] = "line"
    """What a row is: a line, lines up to a blank one, or a whole file."""
    encoding: str = "utf-8"


@part("reader", Text)
def text(spec: Text, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks with the one column `text`."""

    def read(file: AssetFile, sink: Sink) -> Iterator[Block]:
        texts: list[str] = []
        numbers: list[int] = []
        _check_encoding(spec)
        for number, (line, content) in enumerate(_units(spec, file)):
            try:
                decoded = content.decode(spec.encoding).strip("\r\n")
                texts.append(decoded.removeprefix("\ufeff") if line == 1 else decoded)
                numbers.append(number)
            except UnicodeDecodeError as error:
                shown = content.decode(spec.encoding, "replace")
                told = describe(error)
                sink(Reject(number, file.path, "invalid-utf8", told, "text", line, shown))
            if len(texts) == source.batch_rows:
                yield _block(texts, numbers, file, source)
                texts, numbers = [], []
        if texts:
            yield _block(texts, numbers, file, source)

    return per_file(source, sink, read)


def _check_encoding(spec: Text) -> None:
    """Refuse encodings that are unknown, or in which a line does not end with one byte."""
    try:
        fits = "\n".encode(spec.encoding) == b"\n" or spec.unit == "document"
    except LookupError:
        fits = False
    if not fits:
        raise DataError(
            "text cannot be read line by line in this encoding",
            code="encoding-wrong",
            path="data.format.encoding",
            got=spec.encoding,
            expected="utf-8, gbk, latin-1, ...",
            fix="name the encoding the file was saved in; convert UTF-16 and UTF-32 to UTF-8",
        )


def _units(spec: Text, file: AssetFile) -> Iterator[tuple[int, bytes]]:
    """Undecoded rows and the line each begins at."""
    with open_bytes(file) as stream:
        if spec.unit == "document":
            yield 1, stream.read()
            return
        held: list[bytes] = []
        start = 1
        for line, content in enumerate(stream, 1):
            if spec.unit == "line":
                if content.strip():
                    yield line, content
            elif content.strip():
                start = start if held else line
                held.append(content)
            elif held:
                yield start, b"".join(held)
                held = []
        if held:
            yield start, b"".join(held)


def _block(texts: list[str], numbers: list[int], file: AssetFile, source: Source) -> Block:
    batch = pa.RecordBatch.from_pydict({"text": pa.array(texts, pa.string())})
    return Block(batch, np.array(numbers, dtype=np.int64), file.path, source.asset.id)
