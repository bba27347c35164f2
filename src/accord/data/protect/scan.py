"""One look at a text that all patterns share: runs of digits, and where rarer signs stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from accord.data.protect.joined import Bytes, Joined, Positions, windows
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
        return digit_runs(self.joined)

    @cached_property
    def marks(self) -> tuple[Positions, Bytes]:
        """Where capital letters and the punctuation of identifiers stand, and which."""
        codes, (value, other) = self.joined.codes, self.joined.room
        marked = np.less(np.subtract(codes, 58, out=value), 38, out=other.view(bool))
        few = np.less(np.subtract(codes, 45, out=value), 2, out=value.view(bool))
        at = np.flatnonzero(np.logical_or(marked, few, out=marked))
        return at, codes[at]

    @cached_property
    def capitals(self) -> Positions:
        """Where capital letters of ASCII stand."""
        at, marks = self.marks
        return at.compress((marks - np.uint8(65)) < 26)

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

    @cached_property
    def _few_signs(self) -> Positions | None:
        """Where signs of three bytes begin, those of Chinese among them, if they are few."""
        codes, room = self.joined.codes, self.joined.room[0].view(bool)
        begun = np.greater_equal(codes, 0xE3, out=room)
        return np.flatnonzero(begun) if np.count_nonzero(begun) * 50 < len(codes) else None

    def _chinese(self, code: bytes) -> Positions:
        key = int.from_bytes(code)
        if key not in self.kept:
            codes, at = self.joined.codes, self._few_signs
            if at is None:
                one, two = self.joined.room[:, 2:].view(bool)
                np.equal(codes[2:], code[2], out=one)
                np.equal(codes[1:-1], code[1], out=two)
                at = np.flatnonzero(np.logical_and(one, two, out=one))
            for place, byte in enumerate(code):
                at = at[codes[at + place] == byte]
            self.kept[key] = at
        return self.kept[key]

    def _marked(self, byte: int) -> Positions:
        if byte not in self.kept:
            at, marks = self.marks
            self.kept[byte] = at.take(np.flatnonzero(marks == byte))
        return self.kept[byte]

    def match(self, pattern: re.Pattern[bytes], at: Positions, group: int = 0) -> Found:
        """Where a pattern matches at one of these positions exactly."""
        matches = map(pattern.match, repeat(self.joined.raw), at.tolist())
        found = chain.from_iterable(match.span(group) for match in matches if match)
        both = np.fromiter(found, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def near(self, at: Positions, words: Sequence[bytes], back: int = BACK) -> Mask:
        """Whether one of these words, in lower case, stands at most `back` bytes before, in the
        same text."""
        told = np.zeros(len(at), dtype=bool)
        raw, known = self.joined.raw, tuple(words)
        for row, place in self.hints(at, known, back):
            if not told[row]:
                window = raw[place : at[row]].lower()
                told[row] = window.startswith(known) and self._tells(window)
        return told

    def hints(
        self, at: Positions, words: tuple[bytes, ...], back: int
    ) -> Iterable[tuple[int, int]]:
        """Where one of these words may begin, at most `back` bytes before, in either case: the
        index in `at`, the position in the text.

        Their first four bytes are looked up in two tables, at all places at once.
        """
        if not len(at):
            return ()
        width = back + 2 + back % 2
        seen = windows(self.joined.codes, at - back, width).ravel()
        first, second = _beginnings(words)
        places: list[Positions] = []
        for odd in (0, 1):
            pairs = seen[odd : len(seen) - odd].view("<u2").astype(np.intp)
            may = first.take(pairs[:-1]) & second.take(pairs[1:])
            places.append(2 * np.flatnonzero(may) + odd)
        row, place = np.divmod(np.concatenate(places), width)
        inside = place < back
        row, place = row[inside], place[inside]
        return zip(row.tolist(), (at[row] - back + place).tolist(), strict=True)

    def hinted(self, at: Positions, words: tuple[bytes, ...], back: int) -> list[int]:
        """Indices of the positions that one of these words may stand before."""
        return list(dict.fromkeys(row for row, _ in self.hints(at, words, back)))

    def _tells(self, window: bytes) -> bool:
        """Whether what begins with a word and ends before a number is one text, and the word no
        part of a mask: `[PHONE]` is no reason to take the next number for one."""
        if b"\0" in window or _FULL_STOP in window:
            return False
        closed = window.find(b"]")
        return closed < 0 or b"[" in window[:closed]


@cache
def _beginnings(words: tuple[bytes, ...]) -> tuple[Bytes, Bytes]:
    """Tables [65536] of the first two bytes of each word, and of the two after them: words have
    a bit of eight in common where both hold it."""
    first, second = (np.zeros(65536, dtype=np.uint8) for _ in range(2))
    for number, word in enumerate(words):
        for table, pair in ((first, word[:2]), (second, word[2:4])):
            low, high = (_cases(pair[place : place + 1]) for place in (0, 1))
            table[(high[:, None] << 8 | low).ravel()] |= np.uint8(1 << number % 8)
    return first, second


def _cases(byte: bytes) -> Positions:
    """A byte in both cases; any where there is none."""
    return np.array([*{*byte.lower(), *byte.upper()}] if byte else range(256), dtype=np.int64)


def spans(found: Sequence[tuple[int, int]]) -> Found:
    """Pairs of start and end as two arrays."""
    if not found:
        return NOTHING
    both = np.array(found, dtype=np.int64)
    return both[:, 0], both[:, 1]


def together(*parts: Found) -> Found:
    """Several findings as one."""
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
