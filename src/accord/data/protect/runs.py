"""Runs of digits, and how each hangs together with the next: what all numbers are made of."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from accord.data.protect.joined import WORD, Bytes, Joined, Positions, windows
from accord.data.protect.shapes import Link, shaped, token

Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Links = npt.NDArray[np.uint8]
_NO_LINK = np.zeros(1, dtype=np.uint8)
_LOW = np.uint64(0x0F0F0F0F0F0F0F0F)
_PAIRS = tuple(
    (np.uint64(8 * digits), np.uint64(10**digits), np.uint64(mask))
    for digits, mask in ((1, 0x00FF00FF00FF00FF), (2, 0x0000FFFF0000FFFF), (4, 0xFFFFFFFF))
)
"""For numbers of so many digits: where the next stands, what the first counts, which bits stay."""

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
        return number(self.codes, self.start[chosen], np.minimum(self.size[chosen], size))

    @cached_property
    def shaped(self) -> Mapping[str, Positions]:
        """First runs of the sequences of each of `SHAPES`."""
        return shaped(token(self.size, self.link, self.before, self.after))


def number(codes: Bytes, at: Positions, size: Numbers) -> Numbers:
    """The digits from each position on as a number; at most eight."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    digits = windows(codes, at, 8).view("<u8").ravel().astype(np.uint64) & _LOW
    # The last digit goes to the highest byte, zeros before the first: then neighbours are taken
    # together, to two, four and eight digits.
    digits <<= (64 - 8 * size).astype(np.uint64)
    for shift, scale, mask in _PAIRS:
        digits = (digits * scale + (digits >> shift)) & mask
    return digits.astype(np.int64)


def among(links: Links, allowed: AbstractSet[Link]) -> Mask:
    """Whether each link is one of these."""
    table = np.zeros(len(Link), dtype=bool)
    table[list(allowed)] = True
    return table[links]


def digit_runs(joined: Joined) -> Runs:
    """The runs of a text, which neither begins nor ends with a digit."""
    codes, (value, other) = joined.codes, joined.room
    digit = np.less(np.subtract(codes, 48, out=value), 10, out=other.view(bool))
    edges = np.flatnonzero(np.not_equal(digit[1:], digit[:-1], out=value[1:].view(bool))) + 1
    start, end = np.ascontiguousarray(edges.reshape(-1, 2).T)
    return Runs(codes, start, end, _links(codes, start, end))


def _links(codes: Bytes, start: Positions, end: Positions) -> Links:
    link = np.zeros(len(start), dtype=np.uint8)
    gap = start[1:] - end[:-1]
    one = np.flatnonzero(gap == 1)
    link[one] = _ONE[codes[end[one]]]
    for size in (2, 3):
        near = np.flatnonzero(gap == size)
        if not len(near):
            continue
        known, meaning = _SIZED[size]
        value = np.zeros(len(near), dtype=np.int64)
        for place in range(size):
            value = value << 8 | codes[end[near] + place]
        place = np.minimum(np.searchsorted(known, value), len(known) - 1)
        link[near] = np.where(known[place] == value, meaning[place], Link.NONE)
    return link


def _sized(size: int) -> tuple[Numbers, Links]:
    """Links of this many bytes: their bytes as a number, in order, and what they mean."""
    codes = {int.from_bytes(text.encode()): link for text, link in _LONGER.items()
             if len(text.encode()) == size}  # fmt: skip
    known = np.array(sorted(codes), dtype=np.int64)
    return known, np.array([codes[code] for code in known.tolist()], dtype=np.uint8)


_SIZED = {size: _sized(size) for size in (2, 3)}
