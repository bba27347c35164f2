"""Runs of digits that something of its own kind touches: all of them found in one look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from accord.data.protect import native
from accord.data.protect.joined import ALNUM, UPPERCASE, WORD, table
from accord.data.protect.native import Bytes, Positions, Table

_MOST = 31
"""Runs of more digits count as this long."""


def _from(byte: int) -> Table:
    """Bytes of characters beyond ASCII from this one on."""
    return np.arange(256) >= byte


def _byte(byte: int) -> Table:
    return np.arange(256) == byte


@dataclass(frozen=True, slots=True)
class Touch:
    """What stands right before and behind a run.

    Args:
        lead, trail: Bytes that may, any if None. Shape [256].
        least, most: Digits of the run.
    """

    lead: Table | None = None
    trail: Table | None = None
    least: int = 1
    most: int = _MOST


TOUCHES: Mapping[str, Touch] = {
    "signed": Touch(lead=table("+")),
    "bot": Touch(lead=~WORD, trail=table(":"), least=8),
    "degrees": Touch(trail=_byte(0xC2)),
    "iban": Touch(lead=ALNUM, least=2),
    "credit-after": Touch(lead=ALNUM, least=6),
    "credit-before": Touch(trail=ALNUM, least=6),
    "credit-whole": Touch(least=18, most=18),
    "passport": Touch(trail=~WORD, least=6, most=9),
    "passport-mixed": Touch(lead=UPPERCASE, trail=UPPERCASE),
    "embassy": Touch(lead=_byte("使".encode()[-1]), trail=~WORD, least=6, most=6),
    "street": Touch(lead=~WORD, trail=ALNUM | table(" "), most=6),
    "chinese-street": Touch(lead=_from(0x80), trail=_from(0xE4), most=5),
}
"""At most 64: each is one bit of a number."""


def touching(codes: Bytes, start: Positions, end: Positions) -> Mapping[str, Positions]:
    """The runs that each of `TOUCHES` takes, by its name."""
    found = native.touching(codes, start, end, _tables())
    return dict(zip(TOUCHES, found, strict=False))


@cache
def _tables() -> tuple[npt.NDArray[np.uint64], ...]:
    lead, trail = (np.zeros(256, dtype=np.uint64) for _ in range(2))
    size = np.zeros(_MOST + 1, dtype=np.uint64)
    for place, touch in enumerate(TOUCHES.values()):
        bit = np.uint64(1 << place)
        lead[slice(None) if touch.lead is None else touch.lead] |= bit
        trail[slice(None) if touch.trail is None else touch.trail] |= bit
        size[touch.least : touch.most + 1] |= bit
    return lead, trail, size
