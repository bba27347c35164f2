"""Codes cut from their end: `10115`, `1011*`, `101*`; postcodes, dates, codes of diagnoses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from accord.data.anonymity.ladder import STAR, Ladder, Value
from accord.part import Spec, part


class Prefix(Spec):
    """The first characters of each value; one fewer at each level."""

    kind: Literal["prefix"] = "prefix"
    length: int | None = Field(default=None, ge=1)
    """Characters of the longest value; by default that of all rows."""


@part("generalisation", Prefix)
def prefix(spec: Prefix, base: Path, values: Sequence[Value], field: str) -> Ladder:
    """As many levels as the longest value has characters."""
    length = spec.length or max((len(v) for v in values if isinstance(v, str)), default=0) or 1

    def value(given: Value, level: int) -> Value:
        kept = length - level
        if level == 0 or (given is None and kept > 0):
            return given
        text = str(given)
        return text if kept > 0 and len(text) <= kept else text[: max(kept, 0)] + STAR

    return Ladder(length, value, Prefix(length=length))
