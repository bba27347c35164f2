"""A column at its chosen level: in training, in evaluation and for a single row to be predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.anonymity.column import distinct, key
from accord.data.anonymity.ladder import Ladder, Value
from accord.data.anonymity.measure import Codes
from accord.part import find


class Generalised:
    """Values at one level, numbered in order of first sight.

    Args:
        ladder: The column's levels.
        level: The chosen one.
        known: Numbers that were given before.
    """

    def __init__(self, ladder: Ladder, level: int, known: dict[Value, int] | None = None) -> None:
        self.ladder, self.level = ladder, level
        self.known: dict[Value, int] = known or {}

    def __call__(
        self, column: pa.Array, name: str
    ) -> tuple[pa.Array, Codes, npt.NDArray[np.bool_]]:
        """The coarser column, the number of each row's value, and which rows changed.

        Raises:
            DataError: The column is of the wrong type.
        """
        values, places = distinct(column, name)
        coarse = [self.value(value) for value in values]
        changed = np.array([not _same(a, b) for a, b in zip(values, coarse, strict=True)])
        made = pa.array(coarse, column.type)
        taken = made.take(pa.array(places))
        return taken, self._numbers(coarse)[places], changed[places]

    def value(self, value: Value) -> Value:
        """What one value becomes."""
        return self.ladder.value(value, self.level)

    def number(self, values: Sequence[Value]) -> Codes:
        """The numbers of what these values become. Shape [values]."""
        return self._numbers([self.value(value) for value in values])

    def facts(self) -> dict[str, Any]:
        """What it takes to make this again."""
        return {"level": self.level, "spec": self.ladder.fixed.model_dump(mode="json")}

    def _numbers(self, coarse: Sequence[Value]) -> Codes:
        known = self.known
        return np.array([known.setdefault(key(v), len(known)) for v in coarse], dtype=np.int64)


def generalised(
    facts: Mapping[str, Any], base: Path, name: str, known: dict[Value, int] | None = None
) -> Generalised:
    """A column's level as a trained model keeps it."""
    part = find("generalisation", facts["spec"]["kind"])
    ladder = part(part.spec(**facts["spec"]), base, (), f"protect.anonymity.quasi.{name}")
    return Generalised(ladder, int(facts["level"]), known)


def _same(one: Value, other: Value) -> bool:
    return one == other or (one != one and other != other)
