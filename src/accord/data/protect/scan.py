"""One look at a text that all patterns share: runs of digits, and where rarer signs stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt

from accord.data.protect import native
from accord.data.protect.joined import Joined, Positions, distinct
from accord.data.protect.runs import Runs, digit_runs

Mask = npt.NDArray[np.bool_]
Found = tuple[Positions, Positions]
NOTHING: Found = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
BACK = 48
ANY = ord("?")
MARKS = b"-.:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
"""Bytes that some identifier cannot do without."""
CHINESE = tuple(sign.encode() for sign in "：生码叫人")
"""Signs that some begin or end with."""
_LED = np.where(np.arange(256) < 0x80, 0, 3).astype(np.uint8)
_LED[ord("s")] = 1
_LED[list(b" \t\n\r\x0b\x0c")] = 2


@dataclass(frozen=True)
class Signs:
    """Signs that are looked for together; `?` in one is any byte.

    Args:
        known: Each has one of `MARKS` in it.
    """

    known: tuple[str, ...]

    @cached_property
    def by_mark(self) -> Sequence[tuple[bytes, Sequence[str], Sequence[tuple[bytes, int]]]]:
        """For each mark that some are found from: these, and their bytes with the place of the
        mark in them."""
        grouped: dict[bytes, list[tuple[str, bytes, int]]] = {}
        for sign in self.known:
            code = sign.encode()
            key = next(at for at, byte in enumerate(code) if byte in MARKS and byte != ANY)
            grouped.setdefault(code[key : key + 1], []).append((sign, code, key))
        return tuple(
            (mark, tuple(sign for sign, *_ in some), tuple((code, key) for _, code, key in some))
            for mark, some in grouped.items()
        )


@dataclass(frozen=True)
class Scan:
    """A joined text with what the patterns start from.

    Args:
        signs: What is looked for beside runs of digits and single bytes.
    """

    joined: Joined
    signs: Signs

    @cached_property
    def runs(self) -> Runs:
        """Runs of digits."""
        return digit_runs(self.joined)

    @cached_property
    def places(self) -> Mapping[bytes, Positions]:
        """Where each of `MARKS`, and of `CHINESE`, stands."""
        keys = (*(bytes([mark]) for mark in MARKS), *CHINESE)
        return dict(zip(keys, native.places(self.joined.raw, MARKS, CHINESE), strict=True))

    @cached_property
    def capitals(self) -> Positions:
        """Where capital letters of ASCII stand that a Chinese character, or `s` and a space, stand
        before, letter by letter: what a plate and a name begin with."""
        every = [self.places[bytes([mark])] for mark in MARKS if 65 <= mark <= 90]
        return native.formed(self.joined.raw, np.concatenate(every), _LED, b"\1\2", 2)

    @cached_property
    def standing(self) -> Mapping[str, Positions]:
        """Where each of `signs` stands."""
        found = dict.fromkeys(self.signs.known, NOTHING[0])
        for mark, signs, keyed in self.signs.by_mark:
            at = self.places[mark]
            if len(at):
                parts = native.standing(self.joined.raw, at, keyed)
                found.update(zip(signs, parts, strict=True))
        return found

    def anchors(self, sign: str) -> Positions:
        """Where one of `MARKS`, of `CHINESE` or of `signs` stands."""
        code = sign.encode()
        return self.places[code] if code in self.places else self.standing[sign]

    def match(self, pattern: re.Pattern[bytes], at: Positions, group: int = 0) -> Found:
        """Where a pattern matches at one of these positions exactly."""
        if not len(at):
            return NOTHING
        matches = map(pattern.match, repeat(self.joined.raw), at.tolist())
        found = chain.from_iterable(match.span(group) for match in matches if match)
        both = np.fromiter(found, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def near(self, at: Positions, words: Sequence[bytes], back: int = BACK) -> Mask:
        """Whether one of these words, in lower case, stands at most `back` bytes before, in the
        same text and sentence."""
        return native.near(self.joined.raw, at, words, back)

    def hints(
        self, at: Positions, words: Sequence[bytes], back: int
    ) -> tuple[Positions, Positions]:
        """Where one of these words stands at most `back` bytes before, in either case: the index
        in `at`, the position in the text."""
        return native.hints(self.joined.raw, at, words, back)

    def hinted(self, at: Positions, words: Sequence[bytes], back: int) -> Positions:
        """Indices of the positions that one of these words stands before."""
        return distinct(self.hints(at, words, back)[0])


def spans(found: Sequence[tuple[int, int]]) -> Found:
    """Pairs of start and end as two arrays."""
    if not found:
        return NOTHING
    both = np.array(found, dtype=np.int64)
    return both[:, 0], both[:, 1]


def together(*parts: Found) -> Found:
    """Several findings as one."""
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
