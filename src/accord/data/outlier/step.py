"""The step of `clean.outliers:`: numbers are gathered, a detector judges them, values or rows are
handled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.account import Account
from accord.data.aside import aside
from accord.data.numbers import Numbers
from accord.data.outlier.found import Found, Mask, Values
from accord.data.outlier.repair import interpolated
from accord.data.places import Places
from accord.data.source import Block
from accord.data.step import Preparing
from accord.data.vectors import RowVectors, reduced
from accord.data.weights import weighed
from accord.errors import DataError
from accord.part import find
from accord.recipe.outliers import Outliers

STEP = "outliers"


class Outlying:
    """Finds and handles what is outlying in the training rows.

    Memory: 8 bytes a row and column that is looked at; of embeddings, 2 kB a row.

    Args:
        spec: One entry of `clean.outliers`.
        setting: The run.
        vectors: Of texts and images; shared with other steps.
        number: Which entry, for errors.
    """

    surveys = True

    def __init__(
        self, spec: Outliers, setting: Preparing, vectors: RowVectors, number: int
    ) -> None:
        self.spec, self.seed = spec, setting.recipe.data.seed
        self.columns = spec.columns or setting.recipe.data.numeric
        self.field = f"clean.outliers[{number}]"
        order = (spec.order_by,) if spec.order_by else ()
        numbers = Numbers((*self.columns, *order), f"{self.field}.columns")
        self.seen: Embedded | Numbers | None = numbers
        if spec.on == "embeddings":
            self.seen = Embedded(vectors, spec.components)
        self.places = self.seen.places
        self._groups: list[str | None] = []
        self._rows: Mask = np.zeros(0, dtype=bool)
        self._repaired: Values = np.zeros((0, 0))

    def survey(self, block: Block) -> None:
        assert self.seen is not None
        self.seen.add(block)
        if self.spec.group_by:
            self._groups += block.batch[self.spec.group_by].to_pylist()

    def settle(self) -> None:
        """Judge the rows, those of each group by themselves.

        Raises:
            DataError: A change of single values is asked of a detector that judges whole rows.
        """
        assert self.seen is not None
        values, spec = self.seen.values(), self.spec
        self.seen = None  # what is settled goes to other processes: no more than it needs
        times = np.arange(len(values), dtype=np.float64)
        if spec.order_by:
            times, values = values[:, -1], values[:, :-1]
        self._rows, self._repaired = np.zeros(len(values), dtype=bool), values.copy()
        for members in self._series(len(values)):
            timed = members[~np.isnan(times[members])]
            self._judge(timed[np.argsort(times[timed], kind="stable")], values, times)

    def _series(self, rows: int) -> list[npt.NDArray[np.int64]]:
        """The rows of each group; all of them where there are no groups."""
        if not self.spec.group_by:
            return [np.arange(rows)]
        codes: dict[str | None, int] = {}
        own = np.array([codes.setdefault(name, len(codes)) for name in self._groups])
        order = np.argsort(own, kind="stable")
        return np.split(order, np.cumsum(np.bincount(own))[:-1]) if rows else []

    def _judge(self, members: npt.NDArray[np.int64], values: Values, times: Values) -> None:
        """Judge the rows of a series, which are in order of time."""
        part = find("outlier", self.spec.by.kind)
        own = values[members]
        found: Found = part(self.spec.by, own, self.seed)
        self._rows[members] = found.rows
        if self.spec.handle in ("clip", "replace", "interpolate"):
            self._repaired[members] = self._repair(found, own, times[members])

    def apply(self, block: Block, account: Account) -> Block:
        at = self.places.of(block)
        due = self._rows[at]
        reason = self.spec.by.kind
        if self.spec.handle in ("remove", "quarantine"):
            if self.spec.handle == "quarantine":
                account.aside += aside(block.keep(due), f"outlier: {reason}")
            account.removed[STEP, reason] += int(due.sum())
            return block.keep(~due)
        account.changed[STEP, reason] += int(due.sum())
        if self.spec.handle == "weight":
            return weighed(block, np.where(due, self.spec.weight, 1.0))
        return self._replaced(block, at)

    def _repair(self, found: Found, values: Values, times: Values) -> Values:
        """The values, with better ones where they were outlying."""
        cells, spec = found.cells, self.spec
        if cells is None or (spec.handle == "clip" and found.low is None):
            raise _rowwise(self.field, spec)
        if spec.handle == "clip":
            return np.clip(values, found.low, found.high)
        if spec.handle == "interpolate":
            return interpolated(values, cells, times, spec.method)
        if spec.value == "median":
            sound = np.where(cells, np.nan, values)
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


class Embedded:
    """Embeddings of the rows that pass by, along the directions in which they vary most.

    Args:
        vectors: Of the rows.
        components: Directions.
    """

    def __init__(self, vectors: RowVectors, components: int) -> None:
        self.vectors, self.components = vectors, components
        self.places = Places()
        self._parts: list[npt.NDArray[np.float32]] = []

    def add(self, block: Block) -> None:
        self.vectors.add(block)
        self._parts.append(self.vectors.of(block))
        self.places.add(block)

    def values(self) -> Values:
        """All rows. Shape [n, components]."""
        return reduced(np.concatenate(self._parts), self.components)


def _rowwise(field: str, spec: Outliers) -> DataError:
    return DataError(
        f"`{spec.by.kind}` does not say which values it would {spec.handle}",
        code="outliers-rowwise",
        path=field,
        got=f"by: {spec.by.kind}, handle: {spec.handle}",
        expected="`mad`, `z-score` or `iqr`; `hampel` too, but for `clip`",
        fix="choose one of these, or `handle: remove`, `quarantine` or `weight`",
    )
