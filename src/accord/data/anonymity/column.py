"""One column while its rows pass by: its different values, and which one each row holds."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.anonymity.ladder import Ladder, Value
from accord.data.anonymity.lattice import Column
from accord.data.anonymity.measure import Codes, Sensitive
from accord.errors import DataError


@dataclass(slots=True)
class Seen:
    """Values of a column in order of first sight, and the number of each row's.

    Args:
        name: The column.
    """

    name: str
    index: dict[Value, int] = field(default_factory=dict[Value, int])
    rows: bytearray = field(default_factory=bytearray)
    number: bool = False

    def add(self, column: pa.Array) -> None:
        """Take in the rows of a block.

        Raises:
            DataError: The column holds neither numbers nor texts.
        """
        values, places = distinct(column, self.name)
        self.number = pa.types.is_floating(column.type)
        codes = np.array(
            [self.index.setdefault(key(value), len(self.index)) for value in values],
            dtype=np.int32,
        )
        self.rows += codes[places].tobytes()

    @property
    def codes(self) -> Codes:
        """The number of each row's value. Shape [rows]."""
        return np.frombuffer(bytes(self.rows), dtype=np.int32).astype(np.int64)

    def values(self) -> list[Value]:
        """The different values; a missing number is NaN."""
        return [math.nan if value is None and self.number else value for value in self.index]

    def column(self, ladder: Ladder) -> Column:
        """The column with its levels."""
        codes, values = self.codes, self.values()
        levels = [
            numbered([ladder.value(v, level) for v in values]) for level in range(ladder.levels + 1)
        ]
        return Column(codes, levels, [_loss(ladder, n, own) for n, own in enumerate(levels)])

    def sensitive(self) -> Sensitive:
        """The column as one that must not be learned of a person; numbers in order of size, a
        missing one before all."""
        if not self.number:
            return Sensitive(self.name, self.codes, ordered=False)
        sizes = [-math.inf if value is None else float(value) for value in self.index]
        rank = np.argsort(np.argsort(np.array(sizes), kind="stable"), kind="stable")
        return Sensitive(self.name, rank[self.codes].astype(np.int64), ordered=True)


def distinct(column: pa.Array, name: str) -> tuple[list[Value], np.ndarray]:
    """The different values of a column, and the place of each row's among them.

    Raises:
        DataError: It holds neither numbers nor texts.
    """
    if not (pa.types.is_floating(column.type) or pa.types.is_string(column.type)):
        raise DataError(
            f"the column {name!r} holds neither numbers nor texts",
            code="column-type",
            path="protect.anonymity",
            got=str(column.type),
            expected="one number, or one text, a row",
            fix="name another column",
        )
    coded = pc.call_function(
        "dictionary_encode", [column], pc.DictionaryEncodeOptions(null_encoding="encode")
    )
    return coded.dictionary.to_pylist(), coded.indices.to_numpy(zero_copy_only=False)


def numbered(values: list[Value]) -> Codes:
    """Equal values as equal numbers, from 0. Shape [values]."""
    index: dict[Value, int] = {}
    return np.array([index.setdefault(key(v), len(index)) for v in values], dtype=np.int64)


def key(value: Value) -> Value:
    """The value as a dictionary knows it: missing values are alike, NaN too."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _loss(ladder: Ladder, level: int, codes: Codes) -> np.ndarray:
    """What each value loses: the share of the range, or of the other values, that it may now be."""
    if ladder.share is not None:
        return np.full(len(codes), ladder.share(level))
    others = np.bincount(codes)[codes] - 1
    return others / max(1, len(codes) - 1)
