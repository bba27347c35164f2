"""What sequences of numbers are looked for, and all of them found in one look at the runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

from accord.data.protect import native


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


Links = frozenset[Link]
ANY: Links = frozenset(Link)
TIGHT: Links = frozenset({Link.SPACE, Link.DASH})
LOOSE: Links = frozenset({Link.SPACE, Link.DASH, Link.DOT, Link.PAREN})
_LONGER: Links = frozenset({Link.DASH, Link.DOT})
_DOT: Links = frozenset({Link.DOT})
_DATE: Links = frozenset({Link.DASH, Link.SLASH, Link.DOT})
_LONGEST = 31
"""Runs of more digits count as this long."""
_PLACES = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """One sequence of runs.

    Args:
        sizes: Least and most digits of each run.
        links: What may stand between them.
        not_before: What may not part the first run from one before it.
        not_after: What may not part the last run from one behind it.
        free_before: No ASCII letter, digit or underscore touches the first run.
        free_after: None touches the last.
    """

    sizes: tuple[tuple[int, int], ...]
    links: tuple[Links, ...] = ()
    not_before: Links = frozenset()
    not_after: Links = frozenset()
    free_before: bool = True
    free_after: bool = True


def _digits(*sizes: int, links: Links = TIGHT, apart: Links = _LONGER) -> Shape:
    """Runs of exactly these sizes that are no part of a longer number."""
    between = (links,) * (len(sizes) - 1)
    return Shape(tuple((s, s) for s in sizes), between, apart, apart)


CARDS: Mapping[str, tuple[int, ...]] = {
    "card-" + "-".join(map(str, sizes)): sizes
    for sizes in (
        (4, 4, 4, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 4, 4, 1), (4, 6, 5), (4, 6, 4),
        (6, 13), (4, 4, 4, 1), (6, 10), (8, 8), (4, 4, 4), (4, 4, 5), (4, 4, 4, 3),
    )
}  # fmt: skip
"""How the digits of cards are printed."""
SHAPES: Mapping[str, Shape] = {
    "card": Shape(((12, 19),), (), _LONGER, _LONGER),
    **{name: _digits(*sizes) for name, sizes in CARDS.items()},
    "resident": Shape(((17, 18),), free_after=False),
    "resident-old": _digits(15),
    "ssn": _digits(3, 2, 4),
    "ssn-whole": _digits(9),
    "ip": Shape(((1, 3),) * 4, (_DOT,) * 3, _DOT, _DOT),
    "coordinates": Shape(
        ((1, 3), (3, 15), (1, 3), (3, 15)),
        (_DOT, frozenset({Link.COMMA, Link.SPACE, Link.SLASH}), _DOT),
    ),
    "coordinate": Shape(((1, 3), (3, 15)), (_DOT,)),
    "year-first": Shape(
        ((4, 4), (1, 2), (1, 2)), (_DATE | {Link.YEAR}, _DATE | {Link.MONTH}), _LONGER, _LONGER
    ),
    "year-last": Shape(((1, 2), (1, 2), (2, 4)), (_DATE, _DATE), _LONGER, _LONGER),
    "year-named": Shape(((4, 4),), (), ANY - {Link.NONE, Link.SPACE, Link.COMMA}),
    "date": _digits(8),
    "mobile": _digits(11, apart=_DOT),
    "mobile-3-4-4": _digits(3, 4, 4, apart=_DOT),
    "mobile-3-8": _digits(3, 8, apart=_DOT),
    "mobile-coded": Shape(((13, 15),), free_before=False),
    "landline": Shape(
        ((3, 4), (7, 8)),
        (frozenset({Link.SPACE, Link.DASH, Link.PAREN}),),
        frozenset({Link.DOT, Link.DASH}),
        _DOT,
    ),
    "landline-grouped": Shape(
        ((3, 4), (3, 4), (4, 4)),
        (frozenset({Link.SPACE, Link.DASH, Link.PAREN}), TIGHT),
        frozenset({Link.DOT, Link.DASH}),
        _DOT,
    ),
    "service": _digits(3, 3, 4, apart=frozenset()),
    "american": Shape(
        ((3, 3), (3, 3), (4, 4)),
        (LOOSE, frozenset({Link.SPACE, Link.DASH, Link.DOT})),
        free_after=False,
    ),
}
"""At most 64: each is one bit of a number."""
_BITS = {name: np.uint64(1 << place) for place, name in enumerate(SHAPES)}


FREE_BEFORE, FREE_AFTER = 1 << 9, 1 << 10
"""Of the token of a run (`native.runs`), beside the number of its digits and, 5 bits on, its link:
that no ASCII letter, digit or underscore touches it."""


def shaped(tokens: npt.NDArray[np.uint16]) -> Mapping[str, npt.NDArray[np.int64]]:
    """First runs of every sequence that has a shape, by its name."""
    return dict(zip(SHAPES, native.shaped(tokens, _tables(), len(SHAPES)), strict=True))


@cache
def _tables() -> npt.NDArray[np.uint64]:
    """For the run before a sequence and each of its places: which shapes a token lets pass. The
    token of no run is 0."""
    code = np.arange(2048)
    size, link = code & _LONGEST, code >> 5 & 15
    tables = np.zeros((1 + _PLACES, 2048), dtype=np.uint64)
    for name, shape in SHAPES.items():
        tables[0][~_among(link, shape.not_before)] |= _BITS[name]
        for place, table in enumerate(tables[1:]):
            if place >= len(shape.sizes):
                table |= _BITS[name]
                continue
            least, most = shape.sizes[place]
            fits = (size >= least) & (size <= most)
            if place == 0 and shape.free_before:
                fits &= code & FREE_BEFORE > 0
            if place < len(shape.sizes) - 1:
                fits &= _among(link, shape.links[place])
            else:
                fits &= ~_among(link, shape.not_after)
                fits &= (code & FREE_AFTER > 0) | (not shape.free_after)
            table[fits] |= _BITS[name]
    return tables


def _among(links: npt.NDArray[np.int64], allowed: Links) -> npt.NDArray[np.bool_]:
    return np.isin(links, [int(link) for link in allowed])
