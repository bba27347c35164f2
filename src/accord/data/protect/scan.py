"""One look at a text that all patterns share: runs of digits, and where rarer signs stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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
_FULL_STOP = "。".encode()
MARKS = frozenset(b"-.:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_")
"""Bytes that some identifier cannot do without, and the few between them."""


@dataclass(frozen=True)
class Scan:
    """A joined text with what the patterns start from.

    Args:
        joined: The text.
        kept: Positions of single bytes that were looked for already.
    """

    joined: Joined
    kept: dict[int, Positions] = field(default_factory=dict[int, Positions])

    @cached_property
    def runs(self) -> Runs:
        """Runs of digits."""
        return digit_runs(self.joined.codes)

    @cached_property
    def marks(self) -> tuple[Positions, Bytes]:
        """Where capital letters and the punctuation of identifiers stand, and which."""
        codes = self.joined.codes
        marked = (codes - np.uint8(58)) < 38
        marked |= (codes - np.uint8(45)) < 2
        at = np.flatnonzero(marked)
        return at, codes[at]

    @cached_property
    def capitals(self) -> Positions:
        """Where capital letters of ASCII stand."""
        at, marks = self.marks
        return at[(marks - np.uint8(65)) < 26]

    def anchors(self, sign: str) -> Positions:
        """Where a sign stands; `?` in it is any byte.

        One of its bytes must be a capital letter or one of `-.:=@_`, or it is a Chinese sign:
        these are looked for first.
        """
        codes, code = self.joined.codes, sign.encode()
        if code[0] >= 0x80:
            return self._chinese(code)
        key = next(place for place, byte in enumerate(code) if byte in MARKS and byte != ANY)
        at = self._marked(code[key]) - key
        for place, byte in enumerate(code):
            if place != key and byte != ANY:
                at = at[codes[at + place] == byte]
        return at

    def _chinese(self, code: bytes) -> Positions:
        key = int.from_bytes(code)
        if key not in self.kept:
            codes = self.joined.codes
            # The last byte of the three is the rarest.
            at = np.flatnonzero(codes == code[2]) - 2
            at = at[codes[at + 1] == code[1]]
            self.kept[key] = at[codes[at] == code[0]]
        return self.kept[key]

    def _marked(self, byte: int) -> Positions:
        if byte not in self.kept:
            at, marks = self.marks
            self.kept[byte] = at[marks == byte]
        return self.kept[byte]

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
        if b"\0" in window or _FULL_STOP in window:
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
