"""Put documents together into rows, losing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

OPEN_ROWS = 64
"""Rows kept open for further documents; bounds memory and the distance documents travel."""


DOCUMENTS = pa.schema(
    {
        "row": pa.int64(),
        "asset": pa.string(),
        "ids": pa.list_(pa.int32()),
        "mask": pa.list_(pa.bool_()),
        "bytes": pa.int64(),
        "slices": pa.map_(pa.string(), pa.string()),
    }
)


@dataclass(frozen=True, slots=True)
class Document:
    """Token ids of one document (or block of a long one), and which of them are learned.

    `mask[0]` is False: the first token of a document has nothing before it to be predicted from.
    """

    row: int
    asset: str
    ids: tuple[int, ...]
    mask: tuple[bool, ...]
    bytes: int
    slices: tuple[tuple[str, str | None], ...] = ()


def as_batch(found: Iterable[Document]) -> pa.RecordBatch:
    """Documents as a table, one a row."""
    rows = list(found)
    names = ("row", "asset", "ids", "mask", "bytes", "slices")
    return pa.RecordBatch.from_pydict(
        {name: [getattr(row, name) for row in rows] for name in names}, schema=DOCUMENTS
    )


def documents(batch: pa.RecordBatch) -> Iterator[Document]:
    """The documents of a table that `as_batch` made."""
    columns = (batch[name].to_pylist() for name in DOCUMENTS.names)
    for row, asset, ids, mask, size, slices in zip(*columns, strict=True):
        yield Document(row, asset, tuple(ids), tuple(mask), size, tuple(slices))


class Packer:
    """Best fit into a bounded number of open rows (after Johnson, 1974).

    Args:
        size: Most tokens of a row.
        together: False gives every document a row of its own.
    """

    def __init__(self, size: int, *, together: bool) -> None:
        self.size, self.together = size, together
        self._open: list[list[Document]] = []
        self._room: list[int] = []

    def add(self, document: Document) -> Iterator[list[Document]]:
        """Place a document; yields rows that are closed by it."""
        if not self.together:
            yield [document]
            return
        need = len(document.ids)
        fitting = [i for i, room in enumerate(self._room) if room >= need]
        if fitting:
            best = min(fitting, key=self._room.__getitem__)
            self._open[best].append(document)
            self._room[best] -= need
        else:
            if len(self._open) == OPEN_ROWS:
                yield self._close(min(range(OPEN_ROWS), key=self._room.__getitem__))
            self._open.append([document])
            self._room.append(self.size - need)
            best = len(self._open) - 1
        if self._room[best] < 2:
            yield self._close(best)

    def flush(self) -> Iterator[list[Document]]:
        """The rows still open."""
        while self._open:
            yield self._close(0)

    def _close(self, index: int) -> list[Document]:
        self._room.pop(index)
        return self._open.pop(index)
