"""Runs of digits, and how each hangs together with the next: what all numbers are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from accord.data.protect.joined import WORD, Bytes, Positions

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Link(IntEnum):
    """What stands between two runs of digits."""

    NONE = 0
    SPACE = 1
    DASH = 2
    DOT = 3
    SLASH = 4
    PAREN = 5
    """`)`, `) ` or `)-`."""
    COMMA = 6
    """`,`, `, ` or the Chinese comma."""
    YEAR = 7
    MONTH = 8
    COLON = 9


_ONE = np.zeros(256, dtype=np.int64)
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


@dataclass(frozen=True, slots=True)
class Runs:
    """Every maximal run of digits of a text, in order.

    Args:
        codes: The text.
        start: First digit of each run. Shape [n].
        size: Digits of each. Shape [n].
        link: What stands between a run and the next (`Link`). Shape [n]; the last is NONE.
        before: Whether what stands before the run cannot belong to it: no ASCII letter, digit or
            underscore. Shape [n].
        after: The same behind it. Shape [n].
    """

    codes: Bytes
    start: Positions
    size: Numbers
    link: Numbers
    before: Mask
    after: Mask

    def __len__(self) -> int:
        return len(self.start)

    @property
    def end(self) -> Positions:
        """The byte after each run."""
        return self.start + self.size

    @property
    def previous(self) -> Numbers:
        """What stands between a run and the one before."""
        return np.append(Link.NONE, self.link[:-1]) if len(self) else self.link

    def digits(self, chosen: Positions, size: int) -> Numbers:
        """The first `size` digits of these runs. Shape [chosen, size]."""
        at = self.start[chosen][:, None] + np.arange(size)
        return self.codes[at].astype(np.int64) - 48

    def value(self, chosen: Positions, size: int) -> Numbers:
        """These runs as numbers, at most the first `size` digits of each."""
        sizes = np.minimum(self.size[chosen], size)
        total = np.zeros(len(chosen), dtype=np.int64)
        for place in range(size):
            inside = place < sizes
            digit = self.codes[self.start[chosen] + place].astype(np.int64) - 48
            total = np.where(inside, total * 10 + digit, total)
        return total

    def shaped(self, sizes: tuple[tuple[int, int], ...], links: tuple[set[Link], ...]) -> Positions:
        """First runs of sequences with these sizes (least, most) and links between them."""
        count, n = len(sizes), len(self)
        if n < count:
            return np.zeros(0, dtype=np.int64)
        last = n - count + 1
        fits = np.ones(last, dtype=bool)
        for place, (least, most) in enumerate(sizes):
            own = self.size[place : place + last]
            fits &= (own >= least) & (own <= most)
        for place, allowed in enumerate(links):
            fits &= among(self.link[place : place + last], *allowed)
        return np.flatnonzero(fits)


def among(links: Numbers, *allowed: Link) -> Mask:
    """Whether each link is one of these."""
    table = np.zeros(len(Link), dtype=bool)
    table[list(allowed)] = True
    return table[links]


def digit_runs(codes: Bytes) -> Runs:
    """The runs of an array that neither begins nor ends with a digit."""
    digit = (codes - np.uint8(48)) < 10
    edges = np.flatnonzero(digit[1:] != digit[:-1]) + 1
    start, end = edges[0::2], edges[1::2]
    before, after = ~WORD[codes[start - 1]], ~WORD[codes[end]]
    return Runs(codes, start, end - start, _links(codes, start, end), before, after)


def _links(codes: Bytes, start: Positions, end: Positions) -> Numbers:
    link = np.zeros(len(start), dtype=np.int64)
    gap = start[1:] - end[:-1]
    one = np.flatnonzero(gap == 1)
    link[one] = _ONE[codes[end[one]]]
    for text, meaning in _LONGER.items():
        pattern = text.encode()
        near = np.flatnonzero(gap == len(pattern))
        same = np.ones(len(near), dtype=bool)
        for place, code in enumerate(pattern):
            same &= codes[end[near] + place] == code
        link[near[same]] = meaning
    return link
