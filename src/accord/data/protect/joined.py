"""Many texts as one array of bytes, so that each pattern is looked for once and not row by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Positions = npt.NDArray[np.int64]
EDGE = 96
"""Empty bytes at both ends, so that looking around a match never leaves the array."""
_WORD = 8
_WIDE_FIRST, _WIDE_LAST = 0xFF01, 0xFF5E
_SHIFT = 0xFEE0


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
        original: The bytes before folding.
        room: Bytes to write on: what is freed goes back to the system, and to get it again costs
            more than any look at the text. Shape [2, n].
    """

    raw: bytes
    codes: Bytes
    folded: Positions
    starts: Positions
    original: bytes
    room: Bytes

    def places(self, positions: Positions) -> Positions:
        """Positions before folding."""
        if not len(self.folded):
            return positions
        return positions + 2 * np.searchsorted(self.folded, positions)

    def rows(self, positions: Positions) -> Positions:
        """The row of each position before folding."""
        return np.searchsorted(self.starts, positions, side="right") - 1


def join(texts: pa.StringArray) -> Joined:
    """Put texts side by side. Nulls count as empty."""
    filled = texts.fill_null("")
    lengths = (
        pc.call_function("binary_length", [filled]).to_numpy(zero_copy_only=False).astype(np.int64)
    )
    starts = EDGE + np.concatenate(([0], np.cumsum(lengths + 1)[:-1])).astype(np.int64)
    whole = pa.ListArray.from_arrays(pa.array([0, len(filled)], pa.int32()), filled)
    inner = pc.call_function("binary_join", [whole, "\0"])[0].as_buffer()
    original = b"".join((b"\0" * EDGE, inner, b"\0" * EDGE))
    codes = np.frombuffer(original, dtype=np.uint8)
    room = np.empty((2, len(codes)), dtype=np.uint8)
    wide, narrow = _wide(codes, room)
    if not IDENTIFYING[narrow].any():
        return Joined(original, codes, wide[:0], starts, original, room)
    # Full-width forms mostly stand side by side: they are put in by runs.
    first = np.flatnonzero(np.append(True, wide[1:] != wide[:-1] + 3))
    text, pieces, last = narrow.tobytes(), list[bytes](), 0
    for low, high in zip(first.tolist(), [*first[1:].tolist(), len(wide)], strict=True):
        at = int(wide[low])
        pieces += (original[last:at], text[low:high])
        last = at + 3 * (high - low)
    raw = b"".join((*pieces, original[last:]))
    folded = wide - 2 * np.arange(len(wide))
    codes, room = np.frombuffer(raw, dtype=np.uint8), room[:, : len(raw)]
    return Joined(raw, codes, folded, starts, original, room)


def _wide(codes: Bytes, room: Bytes) -> tuple[Positions, Bytes]:
    """Where full-width forms begin that may be part of an identifier, and their ASCII."""
    leads = np.flatnonzero(np.equal(codes, 0xEF, out=room[0].view(bool)))
    middle, last = codes[leads + 1], codes[leads + 2]
    points = 0xF000 | (middle.astype(np.int64) & 0x3F) << 6 | last & 0x3F
    inside = (points >= _WIDE_FIRST) & (points <= _WIDE_LAST)
    leads, narrow = leads[inside], (points[inside] - _SHIFT).astype(np.uint8)
    chosen = FOLDED[narrow]
    return leads[chosen], narrow[chosen]


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


def reach(
    codes: Bytes, at: Positions, inside: npt.NDArray[np.bool_], most: int, step: int
) -> Positions:
    """How many bytes from `at` on (step 1), or before it (step -1), are `inside`; at most `most`.

    Eight bytes are looked at together, as one number, and only those go on that are inside whole.

    Args:
        at: First byte looked at, going right; the byte after the first one, going left.
        inside: Table [256].
    """
    size = np.zeros(len(at), dtype=np.int64)
    left = np.arange(len(at))
    outside = (~inside).tobytes()
    for done in range(0, most, _WORD):
        first = at.take(left) + (done if step > 0 else -_WORD - done)
        marks = windows(codes, first, _WORD).tobytes().translate(outside)
        # The byte that is nearest becomes the lowest of its number.
        stops = np.frombuffer(marks, dtype="<u8" if step > 0 else ">u8").astype(np.uint64)
        below = (stops & -stops) - np.uint64(1)
        size[left] += np.bitwise_count(below) // 8
        left = left.compress(stops == 0)
        if not len(left):
            break
    return np.minimum(size, most)
