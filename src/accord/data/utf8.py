"""Bytes into text, with the place of every byte that is none."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def decode(column: pa.Array) -> tuple[pa.Array, dict[int, str]]:
    """Strings of a binary column.

    Returns:
        The column as string, null where it is not UTF-8; and by row what is wrong there.
    """
    try:
        return pc.cast(column, pa.string()), {}
    except pa.ArrowInvalid:
        pass
    values: list[str | None] = []
    wrong: dict[int, str] = {}
    for row, value in enumerate(column.to_pylist()):
        try:
            values.append(None if value is None else value.decode("utf-8"))
        except UnicodeDecodeError as error:
            wrong[row] = describe(error)
            values.append(None)
    return pa.array(values, pa.string()), wrong


def describe(error: UnicodeDecodeError) -> str:
    """One sentence about the first byte that is not UTF-8."""
    byte = error.object[error.start]
    return f"byte 0x{byte:02x} at position {error.start} is not UTF-8 text"
