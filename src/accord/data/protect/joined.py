"""Many texts as one array of bytes, so that each pattern is looked for once and not row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.protect import native
from accord.data.protect.native import Bytes, Positions

EDGE = 96
"""Empty bytes at both ends, so that looking around a match never leaves the array."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts one after the other in UTF-8, a NUL between any two.

    Full-width forms of ASCII (U+FF01 to U+FF5E) are folded to ASCII where a digit, a letter or an
    at sign is written so.

    Args:
        raw: The folded bytes, for `re`.
        codes: The same as numbers. Shape [n].
        folded: Positions in `raw` of characters that took three bytes before folding.
        starts: Position of each row's first byte before folding. Shape [rows].
    """

    raw: bytes
    codes: Bytes
    folded: Positions
    starts: Positions

    def located(self, start: Positions, end: Positions) -> tuple[Positions, Positions, Positions]:
        """The row of each span, in order, and where it begins and ends in the text of that row."""
        return native.located(start, end, self.folded, self.starts)


def join(texts: pa.StringArray) -> Joined:
    """Put texts side by side. Nulls count as empty."""
    filled = texts.fill_null("") if texts.null_count else texts
    offsets, data = _buffers(filled)
    folded = native.full_width(data, offsets, _WIDE)
    raw = native.join(data, offsets, folded, EDGE)
    return Joined(raw, np.frombuffer(raw, dtype=np.uint8), folded, _starts(offsets))


def side_by_side(texts: pa.StringArray) -> tuple[bytes, Positions]:
    """Texts as they are, put side by side in the same way, and where each begins."""
    filled = texts.fill_null("") if texts.null_count else texts
    offsets, data = _buffers(filled)
    none = np.zeros(0, dtype=np.int64)
    return native.join(data, offsets, none, EDGE), _starts(offsets)


def _starts(offsets: npt.NDArray[np.int32]) -> Positions:
    return EDGE + offsets[:-1].astype(np.int64) - offsets[0] + np.arange(len(offsets) - 1)


def _buffers(texts: pa.StringArray) -> tuple[npt.NDArray[np.int32], Bytes]:
    """Where each text begins and the last ends, and the bytes that these are positions of."""
    _, where, data = texts.buffers()
    if not len(texts):
        return np.zeros(1, dtype=np.int32), np.zeros(0, dtype=np.uint8)
    offsets = np.frombuffer(where, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets, np.frombuffer(data or b"", dtype=np.uint8)


def _table(characters: str) -> npt.NDArray[np.bool_]:
    table = np.zeros(256, dtype=bool)
    table[list(characters.encode())] = True
    return table


DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = UPPER + UPPER.lower()
WORD = _table(DIGITS + LETTERS + "_")
"""Bytes that a word of ASCII is made of. Chinese characters are none: a number may touch them."""
UPPERCASE = _table(UPPER)
ALNUM = _table(DIGITS + LETTERS)
HEX = _table(DIGITS + "ABCDEFabcdef")
IDENTIFYING = _table(DIGITS + LETTERS + "@")
FOLDED = _table(DIGITS + LETTERS + "@.-:/()+_#")
"""What is written full-width inside identifiers; the comma and its like are left alone."""
_WIDE = (FOLDED + 2 * IDENTIFYING).astype(np.uint8)
"""For `native.full_width`: what is folded, and what makes it worth while."""


def table(characters: str) -> npt.NDArray[np.bool_]:
    """A table [256] that is true for these ASCII characters."""
    return _table(characters)


def distinct(positions: Positions) -> Positions:
    """Each position once, in order; faster than `np.unique` on what is nearly sorted."""
    if not len(positions):
        return positions
    ordered = np.sort(positions, kind="stable")
    return ordered[np.append(True, ordered[1:] != ordered[:-1])]


def windows(codes: Bytes, at: Positions, width: int) -> Bytes:
    """The bytes from each position on. Shape [at, width]."""
    every = np.ndarray(len(codes) - width + 1, f"V{width}", codes, 0, (1,))
    return every[at].view(np.uint8).reshape(-1, width)
