"""New rows for a trained model, their gaps filled as those it learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.impute.indicator import indicator
from accord.data.impute.step import Filler
from accord.data.source import Block
from accord.model.encode_row import MISSING

Row = Any


class RowFiller:
    """Fills gaps of mappings from column names; other rows, and columns that are not there, are
    left to whoever tells what is wrong with them.

    Args:
        facts: Entry `impute` of the model's `accord.json`.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._filler = Filler(facts)

    def __call__(self, rows: Sequence[Row]) -> list[Row]:
        filler, whole = self._filler, [self._told(row) for row in rows]
        gaps = [(at, row, self._gaps(row)) for at, row in enumerate(rows)]
        due = [(at, whole[at], names) for at, _, names in gaps if names]
        if not due:
            return whole
        columns: dict[str, Any] = {
            name: [_number(row.get(name)) for _, row, _ in due] for name in filler.columns
        }
        columns |= {
            name: pa.array([_text(row.get(name)) for _, row, _ in due], pa.string())
            for name in filler.times
        }
        columns |= {name: pa.array([None] * len(due), pa.string()) for name in filler.fillers}
        batch = pa.RecordBatch.from_pydict(columns)
        filled = filler(Block(batch, np.arange(len(due)), "", ""), Account()).batch
        for place, (at, row, names) in enumerate(due):
            whole[at] = {**row, **{name: filled[name][place].as_py() for name in names}}
        return whole

    def _told(self, row: Row) -> Row:
        """A row that says which of its numbers are missing, if the model is to know."""
        if not isinstance(row, Mapping):
            return row
        told = {indicator(n): float(_missing(row[n])) for n in self._filler.told if n in row}
        return {**row, **told} if told else row

    def _gaps(self, row: Row) -> list[str]:
        """Columns of a row that are to be filled."""
        if not isinstance(row, Mapping):
            return []
        numbers = [n for n in self._filler.columns if n in row and _missing(row[n])]
        return numbers + [n for n in self._filler.fillers if n in row and _nothing(row[n])]


def _nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _missing(value: Any) -> bool:
    return value is None or str(value).strip().lower() in MISSING


def _number(value: Any) -> float:
    try:
        return math.nan if _missing(value) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _text(value: Any) -> str | None:
    return None if _missing(value) else str(value)
