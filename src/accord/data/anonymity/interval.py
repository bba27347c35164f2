"""Numbers as the intervals they lie in, each level twice as wide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from accord.data.anonymity.ladder import STAR, Ladder, Value
from accord.errors import DataError
from accord.part import Spec, part

FINEST = 32
"""Intervals of the first level, about."""


class Interval(Spec):
    """Numbers as intervals; a column of numbers gets their middles, one of text `[20, 30)`."""

    kind: Literal["interval"] = "interval"
    widths: tuple[Annotated[float, Field(gt=0)], ...] = ()
    """Widths of the levels, each a multiple of the one before; by default a round number, then
    doubled."""
    low: float | None = None
    """Least number that is possible; by default the least of all rows."""
    high: float | None = None
    """Greatest number that is possible; by default the greatest of all rows."""

    @model_validator(mode="after")
    def _nested(self) -> Interval:
        for fine, coarse in zip(self.widths, self.widths[1:], strict=False):
            ratio = coarse / fine
            if ratio < 1.5 or abs(ratio - round(ratio)) > 1e-9:
                raise ValueError(f"the width {coarse:g} is no multiple of {fine:g} before it")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("`low` is greater than `high`")
        return self


@part("generalisation", Interval)
def interval(spec: Interval, base: Path, values: Sequence[Value], field: str) -> Ladder:
    """Intervals that begin at multiples of their width.

    Raises:
        DataError: The column holds texts that are no numbers.
    """
    numbers = [number for v in values if (number := _number(v, field)) is not None]
    low = spec.low if spec.low is not None else min(numbers, default=0.0)
    high = spec.high if spec.high is not None else max(numbers, default=low)
    widths = spec.widths or _doubled(high - low)
    top = len(widths) + 1

    def value(given: Value, level: int) -> Value:
        if level == 0:
            return given
        if level == top:
            return (low + high) / 2 if isinstance(given, float) else STAR
        number = _number(given, field)
        if number is None:
            return given
        width = widths[level - 1]
        start = math.floor(number / width) * width
        if isinstance(given, str):
            return f"[{start:g}, {start + width:g})"
        return start + width / 2

    def share(level: int) -> float:
        if level in (0, top):
            return float(level == top)
        return min(1.0, widths[level - 1] / (high - low)) if high > low else 1.0

    return Ladder(top, value, Interval(widths=widths, low=low, high=high), share)


def _doubled(span: float) -> tuple[float, ...]:
    """A round width (1, 2 or 5 times a power of ten) near the finest, then doubled below half the
    span."""
    if span <= 0:
        return ()
    least = span / FINEST
    power = 10.0 ** math.floor(math.log10(least))
    first = next(n * power for n in (1, 2, 5, 10) if n * power >= least * (1 - 1e-9))
    widths = [first]
    while widths[-1] * 2 < span:
        widths.append(widths[-1] * 2)
    return tuple(widths)


def _number(value: Value, field: str) -> float | None:
    """The number a value is or writes; None where it is missing."""
    if value is None or isinstance(value, float):
        return None if value is None or math.isnan(value) else value
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DataError(
            "only numbers lie in intervals",
            code="column-type",
            path=field,
            got="a text that is no number",
            expected="numbers, or missing values",
            fix="use `prefix`, `hierarchy` or `whole` for this column",
        )
    return number
