"""Packing loses no document, overfills no row and keeps the documents in few rows."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from accord.data.pack import OPEN_ROWS, Document, Packer

SIZE = 32
lengths = st.lists(st.integers(2, SIZE), max_size=300)


def _documents(sizes: list[int]) -> list[Document]:
    return [
        Document(i, "own/train", (i,) * size, (False, *[True] * (size - 1)), size)
        for i, size in enumerate(sizes)
    ]


def _packed(documents: list[Document], together: bool) -> list[list[Document]]:
    packer = Packer(SIZE, together=together)
    rows = [row for document in documents for row in packer.add(document)]
    return [*rows, *packer.flush()]


@given(lengths, st.booleans())
def test_nothing_is_lost(sizes: list[int], together: bool) -> None:
    documents = _documents(sizes)
    rows = _packed(documents, together)
    assert Counter(d.row for row in rows for d in row) == Counter(range(len(sizes)))
    assert all(0 < sum(len(d.ids) for d in row) <= SIZE for row in rows)
    if not together:
        assert [row[0] for row in rows] == documents


@given(lengths)
def test_rows_are_filled(sizes: list[int]) -> None:
    """While all rows are open, two half-empty rows would have been one."""
    rows = _packed(_documents(sizes[:OPEN_ROWS]), together=True)
    assert sum(2 * sum(len(d.ids) for d in row) < SIZE for row in rows) <= 1
    assert rows == _packed(_documents(sizes[:OPEN_ROWS]), together=True)
