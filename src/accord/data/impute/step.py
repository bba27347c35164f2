"""The step of `clean.impute:`: learns from training rows, fills the gaps of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from accord.data.account import Account
from accord.data.impute.filling import Imputer, ImputerSpec, Values
from accord.data.impute.indicator import indicator
from accord.data.numbers import Numbers
from accord.data.source import Block
from accord.part import find
from accord.recipe.data import Data
from accord.recipe.impute import Impute

STEP = "impute"
FIELD = "clean.impute"


class Imputing:
    """Fills the gaps of training rows, and those of every other row as it learned to.

    Args:
        spec: The section `clean.impute`.
        data: Names the columns.
    """

    surveys = True

    def __init__(self, spec: Impute, data: Data) -> None:
        self.spec = spec
        columns = data.numeric if spec.numeric is not None else ()
        self._numbers = Numbers(columns, FIELD)
        self._times = Numbers(times_of(spec.numeric), FIELD)
        named = data.categorical if spec.categorical is not None else ()
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in named}
        self._filler = Filler({})

    def survey(self, block: Block) -> None:
        """Take in training rows."""
        if self._numbers.names:
            self._numbers.add(block)
        if self._times.names:
            self._times.add(block)
        for name, counts in self._counts.items():
            counts.update(value for value in block.batch[name].to_pylist() if value is not None)

    def settle(self) -> None:
        """Learn from them; only what was learned is kept."""
        facts: dict[str, Any] = {}
        if self.spec.numeric is not None and self._numbers.names:
            values = _finite(self._numbers.values())
            times = _ordered(self._times, len(values))
            facts["numeric"] = {
                "by": self.spec.numeric.model_dump(mode="json"),
                "columns": list(self._numbers.names),
                "learned": _imputer(self.spec.numeric).learn(values, times),
            }
            counts: list[int] = np.isnan(self._numbers.values()).sum(axis=0).tolist()
            if self.spec.indicator:
                told = zip(self._numbers.names, counts, strict=True)
                facts["numeric"]["told"] = [name for name, missing in told if missing]
        fillers = {name: self._category(counts) for name, counts in self._counts.items()}
        fillers = {name: value for name, value in fillers.items() if value is not None}
        if fillers:
            facts["categorical"] = {"by": self.spec.categorical, "fillers": fillers}
        self._filler = Filler(facts)
        self._numbers, self._times = Numbers((), FIELD), Numbers((), FIELD)
        self._counts = {}

    def apply(self, block: Block, account: Account) -> Block:
        """The block without gaps."""
        return self._filler(block, account)

    def facts(self) -> dict[str, Any]:
        """Entry `impute` of schema.json and accord.json."""
        return {STEP: self._filler.facts}

    def _category(self, counts: Counter[str]) -> str | None:
        """What a missing category becomes; None where no training row has one."""
        if self.spec.categorical == "constant":
            return self.spec.value
        return min(counts, key=lambda value: (-counts[value], value), default=None)


class Filler:
    """Fills gaps as it was learned once.

    Args:
        facts: As `Imputing` learned them, from JSON or not.
    """

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = dict(facts)
        self.columns: tuple[str, ...] = ()
        self.times: tuple[str, ...] = ()
        self.fillers: dict[str, str] = {}
        self.told: tuple[str, ...] = ()
        """Columns of whose gaps the model is told."""
        if "numeric" in facts:
            self.told = tuple(facts["numeric"].get("told", ()))
            by = facts["numeric"]["by"]
            self.columns = tuple(facts["numeric"]["columns"])
            spec: ImputerSpec = find("imputer", by["kind"]).spec.model_validate(by)  # type: ignore[assignment]
            self._imputer, self.times = _imputer(spec), times_of(spec)
        if "categorical" in facts:
            self.fillers = facts["categorical"]["fillers"]

    def __reduce__(self) -> tuple[Any, ...]:
        return Filler, (self.facts,)

    def __call__(self, block: Block, account: Account) -> Block:
        """The block without gaps; rows that had some are counted."""
        batch, mended = block.batch, dict[str, npt.NDArray[np.bool_]]()
        if self.columns:
            values = np.stack([_floats(batch[name]) for name in self.columns], axis=1)
            gaps = np.isnan(values)
            for name in self.told:
                missing = gaps[:, self.columns.index(name)].astype(np.float64)
                batch = batch.append_column(indicator(name), pa.array(missing, pa.float64()))
            if gaps.any():
                filled = self.filled(values, self._when(block))
                for i in np.flatnonzero(gaps.any(axis=0)):
                    batch = _with(batch, self.columns[i], pa.array(filled[:, i], pa.float64()))
                kind = self.facts["numeric"]["by"]["kind"]
                mended[kind] = np.asarray(gaps.any(axis=1), bool)
        empty = np.zeros(batch.num_rows, dtype=bool)
        for name, value in self.fillers.items():
            if batch[name].null_count:
                empty |= batch[name].is_null().to_numpy(zero_copy_only=False)
                batch = _with(batch, name, pc.fill_null(batch[name], value))
        if empty.any():
            by = self.facts["categorical"]["by"]
            mended[by] = empty | mended.get(by, False)
        account.change(STEP, mended)
        return replace(block, batch=batch)

    def filled(self, values: Values, times: npt.NDArray[np.float64]) -> Values:
        """Numbers [n, d] without NaN; what is known stays as it is, infinite or not."""
        found = self._imputer.fill(self.facts["numeric"]["learned"], _finite(values), times)
        return np.where(np.isnan(values), found, values)

    def _when(self, block: Block) -> npt.NDArray[np.float64]:
        seen = Numbers(self.times, FIELD)
        if self.times:
            seen.add(block)
        return _ordered(seen, len(block.rows))


def times_of(spec: ImputerSpec | Any) -> tuple[str, ...]:
    """The column that gives rows their order, if the imputer looks at one."""
    return () if spec is None else tuple(spec.looks_at[:1])


def _imputer(spec: Any) -> Imputer:
    return find("imputer", spec.kind)(spec)


def _ordered(seen: Numbers, rows: int) -> npt.NDArray[np.float64]:
    return seen.values()[:, 0] if seen.names else np.zeros(rows)


def _finite(values: Values) -> Values:
    return np.where(np.isfinite(values), values, np.nan)


def _floats(column: pa.Array) -> npt.NDArray[np.float64]:
    return column.to_numpy(zero_copy_only=False).astype(np.float64)


def _with(batch: pa.RecordBatch, name: str, column: pa.Array) -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index(name), name, column)
