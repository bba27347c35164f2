"""Runs of digits that something of its own kind touches: all of them found in one look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from accord.data.protect import native
from accord.data.protect.joined import ALNUM, UPPERCASE, WORD, table
from accord.data.protect.native import Positions, Rules, Table

_MOST = 31
"""Runs of more digits count as this long."""


def _from(byte: int) -> Table:
    """Bytes of characters beyond ASCII from this one on."""
    return np.arange(256) >= byte


def _byte(byte: int) -> Table:
    return np.arange(256) == byte


def _any(of: Iterable[int]) -> Table:
    return np.isin(np.arange(256), list(of))


_STREET_UNITS = "号弄室栋幢座楼单层组村院"
"""What the units of `address` begin with: their first two bytes are looked at here."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What stands right before and behind a run, and what it begins with.

    Args:
        lead, first, trail, behind: Bytes that the one before the run, its first digit, the one
            after the run and the one after that may be, any if None. Shape [256].
        least, most: Digits of the run.
    """

    lead: Table | None = None
    first: Table | None = None
    trail: Table | None = None
    behind: Table | None = None
    least: int = 1
    most: int = _MOST


TOUCHES: Mapping[str, Touch] = {
    "signed": Touch(lead=table("+")),
    "zero": Touch(lead=~WORD, first=table("0"), least=2),
    "bot": Touch(lead=~WORD, trail=table(":"), behind=table("A"), least=8),
    "degrees": Touch(trail=_byte(0xC2), behind=_byte(0xB0)),
    "iban": Touch(lead=ALNUM, least=2),
    "credit-after": Touch(lead=ALNUM, least=6),
    "credit-before": Touch(trail=ALNUM, least=6),
    "credit-whole": Touch(least=18, most=18),
    "passport": Touch(trail=~WORD, least=6, most=9),
    "passport-mixed": Touch(lead=UPPERCASE, trail=UPPERCASE),
    "embassy": Touch(lead=_byte("使".encode()[-1]), trail=~WORD, least=6, most=6),
    "street": Touch(lead=~WORD, trail=ALNUM | table(" "), behind=UPPERCASE | table(" "), most=6),
    "chinese-street": Touch(
        lead=_from(0x80),
        trail=_any(unit.encode()[0] for unit in _STREET_UNITS),
        behind=_any(unit.encode()[1] for unit in _STREET_UNITS),
        most=5,
    ),
}
"""At most 64: each is one bit of a number."""


def touching(text: bytes, start: Positions, end: Positions) -> Mapping[str, Positions]:
    """The runs that each of `TOUCHES` takes, by its name."""
    found = native.touching(text, start, end, *_tables(), len(TOUCHES))
    return dict(zip(TOUCHES, found, strict=True))


@cache
def _tables() -> tuple[Rules, Rules]:
    around = np.zeros((4, 256), dtype=np.uint64)
    size = np.zeros(_MOST + 1, dtype=np.uint64)
    for place, touch in enumerate(TOUCHES.values()):
        bit = np.uint64(1 << place)
        for row, known in zip(
            around, (touch.lead, touch.first, touch.trail, touch.behind), strict=True
        ):
            row[slice(None) if known is None else known] |= bit
        size[touch.least : touch.most + 1] |= bit
    return around, size
