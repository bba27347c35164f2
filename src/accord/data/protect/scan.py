"""One look at a text that all patterns share: runs of digits, and where rarer signs stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from accord.data.protect.joined import Bytes, Joined, Positions
from accord.data.protect.runs import Runs, digit_runs

Mask = npt.NDArray[np.bool_]
Found = tuple[Positions, Positions]
NOTHING: Found = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
BACK = 48
ANY = ord("?")
_MARKS = frozenset(b"-.:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_")
"""Bytes that some identifier cannot do without, and the few between them."""


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
    def _marks(self) -> tuple[Positions, Bytes]:
        """Where capital letters and the punctuation of identifiers stand, and which."""
        codes = self.joined.codes
        marked = (codes - np.uint8(58)) < 38
        marked |= (codes - np.uint8(45)) < 2
        at = np.flatnonzero(marked)
        return at, codes[at]

    @cached_property
    def capitals(self) -> Positions:
        """Where capital letters of ASCII stand."""
        at, marks = self._marks
        return at[(marks - np.uint8(65)) < 26]

    def anchors(self, sign: str) -> Positions:
        """Where a sign stands; `?` in it is any byte.

        One of its bytes must be a capital letter or one of `-.:=@_`: these are looked for first.
        """
        at, marks = self._marks
        codes, code = self.joined.codes, sign.encode()
        key = next(place for place, byte in enumerate(code) if byte in _MARKS and byte != ANY)
        at = at[marks == code[key]] - key
        for place, byte in enumerate(code):
            if place != key and byte != ANY:
                at = at[codes[at + place] == byte]
        return at

    def chinese(self, sign: str) -> Positions:
        """Where a character of three bytes stands."""
        codes, code = self.joined.codes, sign.encode()
        at = np.flatnonzero(codes == code[2]) - 2
        at = at[codes[at + 1] == code[1]]
        return at[codes[at] == code[0]]

    def every(self, sign: bytes) -> Positions:
        """Where a rare sign stands, whatever it is made of."""
        raw, found = self.joined.raw, list[int]()
        at = raw.find(sign)
        while at >= 0:
            found.append(at)
            at = raw.find(sign, at + 1)
        return np.array(found, dtype=np.int64)

    def begins(self, words: Sequence[bytes]) -> bool:
        """Whether the first four bytes of one of these words, in capital or small letters, are
        in the text: a look that costs little, before others that cost more."""
        heads = [np.frombuffer(word[:4], np.uint8) | np.uint8(32) for word in words]
        return any((quad == head.view("<u4")).any() for quad in self._quads for head in heads)

    @cached_property
    def _quads(self) -> tuple[npt.NDArray[np.uint32], ...]:
        """Every four bytes in a row, without the bit that tells capital from small letters."""
        lower = self.joined.codes | np.uint8(32)
        size = len(lower) // 4 * 4 - 4
        return tuple(lower[first : first + size].copy().view("<u4") for first in range(4))

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
        width = back + 1
        every = np.ndarray(len(self.joined.raw) - back, f"V{width}", self.joined.raw, 0, (1,))
        windows = every[np.maximum(at - back, 0)]
        windows.view(np.uint8).reshape(-1, width)[:, -1] = 0
        texts = windows.tobytes().lower()
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

