"""Parts of texts replaced, all texts at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.protect.native import exchanged
from accord.data.protect.spans import Spans

Positions = npt.NDArray[np.int64]
_ALPHANUMERIC = np.array([bytes([code]).isalnum() for code in range(256)])


def found_texts(texts: pa.StringArray, spans: Spans) -> list[bytes]:
    """What stands at each span, in UTF-8."""
    content, offsets = _bytes(texts)
    start = (offsets[spans.row] + spans.start).tolist()
    end = (offsets[spans.row] + spans.end).tolist()
    return [content[a:b] for a, b in zip(start, end, strict=True)]


def replaced(texts: pa.StringArray, spans: Spans, values: Sequence[bytes]) -> pa.StringArray:
    """The texts with each span replaced by its value; nulls stay null.

    Where a value is empty and letters or digits would run together, a space parts them.
    """
    if not len(spans):
        return texts
    content, offsets = _bytes(texts)
    start, end = offsets[spans.row] + spans.start, offsets[spans.row] + spans.end
    sizes = np.fromiter(map(len, values), dtype=np.int64, count=len(values))
    gone = np.flatnonzero(sizes == 0)
    join = gone[_would_join(content, start[gone], end[gone], offsets, spans.row[gone])]
    if len(join):
        values, sizes[join] = list(values), 1
        for at in join.tolist():
            values[at] = b" "
    by_row = np.zeros(len(texts), dtype=np.int64)
    np.add.at(by_row, spans.row, sizes - (end - start))
    moved = offsets + np.concatenate(([0], np.cumsum(by_row)))
    validity = texts.is_valid() if texts.null_count else None
    whole = pa.LargeStringArray.from_buffers(
        len(texts), pa.py_buffer(moved), pa.py_buffer(exchanged(content, start, end, values, sizes))
    ).cast(pa.string())
    if validity is None:
        return whole
    return pc.call_function("if_else", [validity, whole, pa.scalar(None, pa.string())])


def shifted(spans: Spans, row: int, values: Sequence[bytes], positions: Positions) -> Positions:
    """Where byte positions of a text come to stand when its spans are replaced.

    Labelled parts stay around what they were given for; a position inside a span stays inside what
    replaces it.

    Args:
        row: The text.
        values: What replaces every span, of all texts.
        positions: In the text before. Shape [n].
    """
    own = np.flatnonzero(spans.row == row)
    moved = positions.copy()
    for at in own.tolist():
        start, end, size = int(spans.start[at]), int(spans.end[at]), len(values[at])
        inside = (positions > start) & (positions < end)
        moved = np.where(positions >= end, moved + size - (end - start), moved)
        moved = np.where(
            inside, moved - (positions - start) + np.minimum(positions - start, size), moved
        )
    return moved


def _would_join(
    content: bytes, low: Positions, high: Positions, offsets: Positions, row: Positions
) -> npt.NDArray[np.bool_]:
    """Whether two words would become one: both neighbours are ASCII letters or digits."""
    data = np.frombuffer(content, dtype=np.uint8)
    joined = (low > offsets[row]) & (high < offsets[row + 1])
    for neighbours in (low - 1, high):
        joined[joined] &= _ALPHANUMERIC[data[neighbours[joined]]]
    return joined


def _bytes(texts: pa.StringArray) -> tuple[bytes, Positions]:
    """The UTF-8 of all texts, and where each begins and the last ends."""
    filled = texts.fill_null("")
    filled = pa.concat_arrays([filled]) if filled.offset else filled
    offsets = np.frombuffer(filled.buffers()[1], dtype=np.int32)[: len(filled) + 1].astype(np.int64)
    offsets = offsets if len(offsets) else np.zeros(1, dtype=np.int64)
    data = filled.buffers()[2]
    content = data.to_pybytes()[offsets[0] : offsets[-1]] if data is not None else b""
    return content, offsets - offsets[0]
