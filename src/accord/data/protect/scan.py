"""One look at a text that all patterns share: runs of digits, and where rarer signs stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from accord.data.protect.joined import Joined, Positions
from accord.data.protect.runs import Runs, digit_runs

Mask = npt.NDArray[np.bool_]
Found = tuple[Positions, Positions]
NOTHING: Found = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
BACK = 48
_LOWER = np.arange(256, dtype=np.uint8)
_LOWER[65:91] += 32

ANCHORS = (
    "@", ":", "=", "：", "叫", "--", "ww", "WW", "AK", "AS", "p_", "o_", "u_", "s_", "r_", "b_",
    "f_", "m_", "k_", "k-", "t-", "xo", "yJ", "Iz", "SG", "EA", "Gr", ".c", ".o", ".n", ".e", ".g",
    ".i",
    "Mr", "Ms", "Dr", "Pr", "De", "y n",
)  # fmt: skip
"""Signs that identifiers of some kind cannot do without; their first two bytes are looked for."""


@dataclass(frozen=True)
class Scan:
    """A joined text with what the patterns start from.

    Args:
        joined: The text.
    """

    joined: Joined

    @cached_property
    def runs(self) -> Runs:
        """Runs of digits."""
        return digit_runs(self.joined.codes)

    @cached_property
    def lower(self) -> bytes:
        """The text in lower case, of ASCII."""
        return self.joined.raw.lower()

    @cached_property
    def _pairs(self) -> tuple[Positions, npt.NDArray[np.uint16]]:
        """Where a pair of bytes that begins some anchor stands, and the pair."""
        raw, codes = self.joined.raw, self.joined.codes
        # A first byte and a second that share a group may be a pair; most text is neither.
        first = np.frombuffer(raw.translate(_FIRST), dtype=np.uint8)
        second = np.frombuffer(raw.translate(_SECOND), dtype=np.uint8)
        at = np.flatnonzero((first[:-1] & second[1:]) != 0)
        return at, (codes[at].astype(np.uint16) << 8 | codes[at + 1]).astype(np.uint16)

    def anchors(self, sign: str) -> Positions:
        """Positions of one of `ANCHORS`."""
        at, pairs = self._pairs
        code = sign.encode()
        if code[0] >= 0x80:
            # The last two of three bytes say more than the first two.
            return at[pairs == (code[1] << 8 | code[2])] - 1
        if len(code) == 1:
            return at[(pairs >> 8) == code[0]]
        at = at[pairs == (code[0] << 8 | code[1])]
        for place, byte in enumerate(code[2:], 2):
            at = at[self.joined.codes[np.minimum(at + place, len(self.joined.codes) - 1)] == byte]
        return at

    def match(self, pattern: re.Pattern[bytes], at: Positions, group: int = 0) -> Found:
        """Where a pattern matches at one of these positions exactly."""
        raw = self.joined.raw
        found = [m.span(group) for p in at.tolist() if (m := pattern.match(raw, p))]
        return spans(found)

    def near(self, at: Positions, words: Sequence[bytes], back: int = BACK) -> Mask:
        """Whether one of these words, in lower case, stands at most `back` bytes before, in the
        same text."""
        told = np.zeros(len(at), dtype=bool)
        if not len(at):
            return told
        # All windows side by side, each closed by a NUL: a word is then looked for only once.
        before = np.maximum(at[:, None] + np.arange(-back, 0), 0)
        windows = np.zeros((len(at), back + 1), dtype=np.uint8)
        windows[:, :-1] = _LOWER[self.joined.codes[before]]
        texts, width = windows.tobytes(), back + 1
        for word in words:
            place = texts.find(word)
            while place >= 0:
                row = place // width
                told[row] = told[row] or self._tells(texts[place : (row + 1) * width - 1], word)
                skips = told[row]
                place = texts.find(word, (row + 1) * width if skips else place + 1)
        return told

    def _tells(self, window: bytes, word: bytes) -> bool:
        """Whether what begins with a word and ends before a number is one text, and the word no
        part of a mask: `[PHONE]` is no reason to take the next number for one."""
        if b"\0" in window:
            return False
        closed = window.find(b"]")
        return closed < 0 or b"[" in window[:closed]


def spans(found: Sequence[tuple[int, int]]) -> Found:
    """Pairs of start and end as two arrays."""
    if not found:
        return NOTHING
    both = np.array(found, dtype=np.int64)
    return both[:, 0], both[:, 1]


def together(*parts: Found) -> Found:
    """Several findings as one."""
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _groups() -> tuple[bytes, bytes]:
    """For each byte the groups it may begin a pair of, and those it may end one of, as bits."""
    first, second = bytearray(256), bytearray(256)
    for sign in ANCHORS:
        code = sign.encode()
        if code[0] >= 0x80:
            first[code[1]] |= 8
            second[code[2]] |= 8
        elif len(code) == 1:
            first[code[0]] |= 1
        elif code[1] in b"_-":
            first[code[0]] |= 2
            second[code[1]] |= 2
        elif code[0] == ord("."):
            first[code[0]] |= 4
            second[code[1]] |= 4
        else:
            bit = 16 << code[0] % 4
            first[code[0]] |= bit
            second[code[1]] |= bit
    return bytes(first), bytes(code | 1 for code in second)


_FIRST, _SECOND = _groups()
