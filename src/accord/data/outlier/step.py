"""The step of `clean.outliers:`: numbers are gathered, a detector judges them, values or rows are
handled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.numbers import Numbers, positions
from accord.data.outlier.found import Found, Values
from accord.data.outlier.repair import interpolated
from accord.data.source import Block
from accord.data.step import WEIGHT, Preparing
from accord.errors import DataError
from accord.part import find
from accord.recipe.outliers import Outliers

STEP = "outliers"


class Outlying:
    """Finds and handles what is outlying in the training rows.

    Memory: 8 bytes a row and column that is looked at.

    Args:
        spec: One entry of `clean.outliers`.
        setting: The run.
        number: Which entry, for errors.
    """

    surveys = True

    def __init__(self, spec: Outliers, setting: Preparing, number: int) -> None:
        self.spec, self.setting = spec, setting
        self.columns = spec.columns or setting.recipe.data.numeric
        self.field = f"clean.outliers[{number}]"
        order = (spec.order_by,) if spec.order_by else ()
        self.seen = Numbers((*self.columns, *order), f"{self.field}.columns")
        self._found = Found(np.zeros(0, dtype=bool))
        self._repaired: Values = np.zeros((0, 0))

    def survey(self, block: Block) -> None:
        self.seen.add(block)

    def settle(self) -> None:
        """Judge the rows.

        Raises:
            DataError: A change of single values is asked of a detector that judges whole rows.
        """
        values, spec = self.seen.values(), self.spec
        order = np.arange(len(values))
        if spec.order_by:
            times, values = values[:, -1], values[:, :-1]
            order = np.argsort(times, kind="stable")
        part = find("outlier", spec.by.kind)
        found: Found = part(spec.by, values[order], self.setting.recipe.data.seed)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        cells = None if found.cells is None else found.cells[back]
        self._found = replace(found, rows=found.rows[back], cells=cells)
        if spec.handle in ("clip", "replace", "interpolate"):
            self._repaired = self._repair(values, order)

    def apply(self, block: Block, account: Account) -> Block:
        at = positions(self.seen, block)
        due = self._found.rows[at]
        reason = self.spec.by.kind
        if self.spec.handle in ("remove", "quarantine"):
            if self.spec.handle == "quarantine":
                account.aside += self._aside(block.keep(due))
            account.removed[STEP, reason] += int(due.sum())
            return block.keep(~due)
        account.changed[STEP, reason] += int(due.sum())
        if self.spec.handle == "weight":
            return _weighed(block, np.where(due, self.spec.weight, 1.0))
        return self._replaced(block, at)

    def _repair(self, values: Values, order: np.ndarray) -> Values:
        """All values, with better ones where they were outlying."""
        cells, spec = self._found.cells, self.spec
        if cells is None or (spec.handle == "clip" and self._found.low is None):
            raise _rowwise(self.field, spec)
        sound = np.where(cells, np.nan, values)
        if spec.handle == "clip":
            return np.clip(values, self._found.low, self._found.high)
        if spec.handle == "interpolate":
            times = self.seen.values()[:, -1]
            return interpolated(values, cells, times, order, spec.method)
        if spec.value == "median":
            stand_in = np.ma.median(np.ma.masked_invalid(sound), axis=0).filled(np.nan)
        else:
            stand_in = np.full(len(self.columns), np.nan if spec.value == "missing" else spec.value)
        return np.where(cells, stand_in, values)

    def _replaced(self, block: Block, at: np.ndarray) -> Block:
        batch = block.batch
        for i, name in enumerate(self.columns):
            column = pa.array(self._repaired[at, i], pa.float64())
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
        return replace(block, batch=batch)

    def _aside(self, block: Block) -> Iterator[str]:
        """Rows as JSON."""
        reason = f"outlier: {self.spec.by.kind}"
        for row, content in zip(block.rows.tolist(), block.batch.to_pylist(), strict=True):
            told = {"row": row, "file": block.file, "reason": reason, "content": content}
            yield json.dumps(told, ensure_ascii=False, default=_unseen)


def _unseen(value: object) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)


def _weighed(block: Block, factors: Values) -> Block:
    batch = block.batch
    if WEIGHT in batch.schema.names:
        factors = factors * batch[WEIGHT].to_numpy(zero_copy_only=False)
        place = batch.schema.get_field_index(WEIGHT)
        return replace(block, batch=batch.set_column(place, WEIGHT, pa.array(factors)))
    return replace(block, batch=batch.append_column(WEIGHT, pa.array(factors, pa.float64())))


def _rowwise(field: str, spec: Outliers) -> DataError:
    return DataError(
        f"`{spec.by.kind}` does not say which values it would {spec.handle}",
        code="outliers-rowwise",
        path=field,
        got=f"by: {spec.by.kind}, handle: {spec.handle}",
        expected="`mad`, `z-score` or `iqr`; `hampel` too, but for `clip`",
        fix="choose one of these, or `handle: remove`, `quarantine` or `weight`",
    )
