"""Columns of numbers gathered over all training rows, and where each row stands in them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.places import Places
from accord.data.source import Block
from accord.errors import DataError

Values = npt.NDArray[np.float64]
_DAY = timedelta(days=1)


class Numbers:
    """Numbers of the rows that pass by, in reading order.

    Args:
        names: The columns; texts among them are read as numbers or ISO 8601 times.
        field: Recipe field, for errors.
    """

    def __init__(self, names: tuple[str, ...], field: str) -> None:
        self.names, self.field = names, field
        self._parts: list[Values] = []
        self.places = Places()

    def add(self, block: Block) -> None:
        """Take in the rows of a block.

        Raises:
            DataError: A column holds something else than numbers or times.
        """
        columns = [self._numbers(block.batch[name], name) for name in self.names]
        self._parts.append(np.stack(columns, axis=1))
        self.places.add(block)

    def values(self) -> Values:
        """All rows. Shape [n, columns]."""
        return np.concatenate([np.zeros((0, len(self.names))), *self._parts])

    def _numbers(self, column: pa.Array, name: str) -> Values:
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            return column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
        if not pa.types.is_string(column.type):
            raise self._wrong(name, str(column.type))
        return np.array([self._number(text, name) for text in column.to_pylist()], dtype=np.float64)

    def _number(self, text: str | None, name: str) -> float:
        if text is None:
            return float("nan")
        try:
            return float(text)
        except ValueError:
            pass
        try:
            return (datetime.fromisoformat(text).replace(tzinfo=None) - datetime(1970, 1, 1)) / _DAY
        except ValueError:
            raise self._wrong(name, "a text that is neither") from None

    def _wrong(self, name: str, got: str) -> DataError:
        return DataError(
            f"the column {name!r} holds no numbers",
            code="column-type",
            path=self.field,
            got=got,
            expected="numbers, or times like 2026-11-24",
            fix="name a column of numbers",
        )


def positions(seen: Numbers, block: Block) -> npt.NDArray[np.int64]:
    """The place in `values` of each row of a block that was taken in before. Shape [rows]."""
    return seen.places.of(block)
