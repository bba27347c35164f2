"""Runs of digits, and how each hangs together with the next: what all numbers are made of."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from accord.data.protect import native
from accord.data.protect.joined import WORD, Bytes, Joined, Positions, windows
from accord.data.protect.shapes import Link, shaped, token
from accord.data.protect.touching import touching

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Links = npt.NDArray[np.uint8]
_NO_LINK = np.zeros(1, dtype=np.uint8)

_ONE = np.zeros(256, dtype=np.uint8)
for _character, _link in {
    " ": Link.SPACE, "-": Link.DASH, ".": Link.DOT, "/": Link.SLASH, ")": Link.PAREN,
    ",": Link.COMMA, ":": Link.COLON, "\t": Link.SPACE,
}.items():  # fmt: skip
    _ONE[ord(_character)] = _link
_LONGER = {
    ") ": Link.PAREN, ")-": Link.PAREN, ", ": Link.COMMA, " -": Link.COMMA, "\u00a0": Link.SPACE,
    "–": Link.DASH, "‑": Link.DASH, "—": Link.DASH, "年": Link.YEAR, "月": Link.MONTH,
    "，": Link.COMMA, " - ": Link.DASH, ", -": Link.COMMA, "、": Link.COMMA, " / ": Link.SLASH,
}  # fmt: skip


@dataclass(frozen=True)
class Runs:
    """Every maximal run of digits of a text, in order.

    Args:
        codes: The text.
        start: First digit of each run. Shape [n].
        end: The byte after each. Shape [n].
        link: What stands between a run and the next (`Link`). Shape [n]; the last is NONE.
    """

    codes: Bytes
    start: Positions
    end: Positions
    link: Links

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def size(self) -> Numbers:
        """Digits of each run."""
        return self.end - self.start

    @cached_property
    def before(self) -> Mask:
        """Whether what stands before a run cannot belong to it: no ASCII letter, digit or
        underscore."""
        return ~WORD[self.lead]

    @cached_property
    def after(self) -> Mask:
        """The same behind it."""
        return ~WORD[self.trail]

    @cached_property
    def lead(self) -> Bytes:
        """The byte before each run."""
        return self.codes[self.start - 1]

    @cached_property
    def trail(self) -> Bytes:
        """The byte after each run."""
        return self.codes[self.end]

    @cached_property
    def previous(self) -> Links:
        """What stands between a run and the one before."""
        return np.concatenate((_NO_LINK, self.link[:-1])) if len(self) else self.link

    def digits(self, chosen: Positions, size: int) -> Numbers:
        """The first `size` digits of these runs. Shape [chosen, size]."""
        return windows(self.codes, self.start[chosen], size).astype(np.int64) - 48

    def value(self, chosen: Positions, size: int) -> Numbers:
        """These runs as numbers, at most the first `size` digits of each."""
        return native.numbers(self.codes, self.start[chosen], np.minimum(self.size[chosen], size))

    @cached_property
    def touching(self) -> Mapping[str, Positions]:
        """The runs that each of `TOUCHES` takes."""
        return touching(self.codes, self.start, self.end)

    @cached_property
    def shaped(self) -> Mapping[str, Positions]:
        """First runs of the sequences of each of `SHAPES`."""
        return shaped(token(self.size, self.link, self.before, self.after))


def among(links: Links, allowed: AbstractSet[Link]) -> Mask:
    """Whether each link is one of these."""
    table = np.zeros(len(Link), dtype=bool)
    table[list(allowed)] = True
    return table[links]


def digit_runs(joined: Joined) -> Runs:
    """The runs of a text, which neither begins nor ends with a digit."""
    start, end, link = native.runs(joined.codes, _ONE, _SEVERAL, _MEANING)
    return Runs(joined.codes, start, end, link)


_SEVERAL = b"".join(text.encode().rjust(3, b"\0") for text in _LONGER)
_MEANING = bytes(_LONGER.values())
