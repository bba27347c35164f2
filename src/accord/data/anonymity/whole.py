"""A value kept as it is, or given up whole: for columns with a few values, such as a sex."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from accord.data.anonymity.ladder import STAR, Ladder, Value
from accord.part import Spec, part


class Whole(Spec):
    """Every value as it is, or `*` for all."""

    kind: Literal["whole"] = "whole"


@part("generalisation", Whole)
def whole(spec: Whole, base: Path, values: Sequence[Value], field: str) -> Ladder:
    """Two levels: as it is, nothing."""
    return Ladder(1, lambda given, level: STAR if level else given, spec)
