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
from accord.data.protect.shapes import FREE_AFTER, FREE_BEFORE, Link, shaped
from accord.data.protect.touching import touching

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Links = npt.NDArray[np.uint8]
Tokens = npt.NDArray[np.uint16]

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
        joined: The text.
        start: First digit of each run. Shape [n].
        end: The byte after each. Shape [n].
        link: What stands between a run and the next (`Link`). Shape [n]; the last is NONE.
        token: All that a shape asks of each, as one number: see `shapes`. Shape [n].
        head: The first digits of each, at most four, as a number. Shape [n].
    """

    joined: Joined
    start: Positions
    end: Positions
    link: Links
    token: Tokens
    head: Tokens

    def __len__(self) -> int:
        return len(self.start)

    @cached_property
    def size(self) -> Numbers:
        """Digits of each run."""
        return self.end - self.start

    @property
    def codes(self) -> Bytes:
        """The text as numbers."""
        return self.joined.codes

    def before(self, chosen: Positions) -> Mask:
        """Whether what stands before these runs cannot belong to them: no ASCII letter, digit or
        underscore."""
        return (self.token[chosen] & FREE_BEFORE) > 0

    def after(self, chosen: Positions) -> Mask:
        """The same behind them."""
        return (self.token[chosen] & FREE_AFTER) > 0

    @cached_property
    def lead(self) -> Bytes:
        """The byte before each run."""
        return self.codes[self.start - 1]

    @cached_property
    def trail(self) -> Bytes:
        """The byte after each run."""
        return self.codes[self.end]

    def previous(self, chosen: Positions) -> Links:
        """What stands between these runs and the ones before: for the first run it is what stands
        behind the last one, and that is nothing."""
        return self.link[chosen - 1]

    def digits(self, chosen: Positions, size: int) -> Numbers:
        """The first `size` digits of these runs. Shape [chosen, size]."""
        return windows(self.codes, self.start[chosen], size).astype(np.int64) - 48

    @cached_property
    def touching(self) -> Mapping[str, Positions]:
        """The runs that each of `TOUCHES` takes."""
        return touching(self.joined.raw, self.start, self.end)

    @cached_property
    def shaped(self) -> Mapping[str, Positions]:
        """First runs of the sequences of each of `SHAPES`."""
        return shaped(self.token)


def links(allowed: AbstractSet[Link]) -> Mask:
    """A table [256] of whether each link is one of these."""
    table = np.zeros(256, dtype=bool)
    table[list(allowed)] = True
    return table


_BETWEEN = native.Between(
    _ONE, b"".join(text.encode().rjust(3, b"\0") for text in _LONGER), bytes(_LONGER.values())
)


def digit_runs(joined: Joined) -> Runs:
    """The runs of a text, which neither begins nor ends with a digit."""
    return Runs(joined, *native.runs(joined.raw, _BETWEEN, WORD))
