"""The step of `augment.rows:`: new rows pass by after those they were made from."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.augment.change import AugmenterSpec, Cell, Change
from accord.data.augment.known import Survey
from accord.data.newcomers import Newcomers
from accord.data.source import Block
from accord.data.step import Preparing
from accord.part import find
from accord.recipe.augment import Rows

STEP = "augment"


@dataclass(frozen=True, slots=True)
class Copies:
    """A row and what it was changed into.

    Args:
        row: Its number.
        label: Its class; None where it has no single one.
        old: Its cells that are changed, by column.
        new: The cells of each copy.
    """

    row: int
    label: str | None
    old: dict[str, Any]
    new: tuple[dict[str, Any], ...]


class Augmentation:
    """Adds changed copies of training rows.

    Args:
        spec: One entry of `augment.rows`.
        setting: The run.
        number: Which entry; part of the seed.

    Guarantees:
        A new row is a pure function of the recipe's seed, the entry, its row, how often that row
        stands before it (copies of an earlier entry bear its number) and which copy it is.
    """

    def __init__(self, spec: Rows, setting: Preparing, number: int) -> None:
        self.spec, self.number = spec, number
        self.recipe, self.base, self.problem = setting.recipe, setting.base, setting.problem
        self.by = cast("AugmenterSpec", spec.by)
        self.newcomers = _newcomers(spec, setting)
        self.surveys = bool(self.by.needs) or self.newcomers is not None
        data = setting.recipe.data
        self._label = data.label if isinstance(data.label, str) else None
        classes = self._label if setting.problem == "single-label" else None
        self._survey = Survey(self.by.needs, data, classes, self._names())
        self._change: Change | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which makes its own function."""
        return {**self.__dict__, "_change": None}

    def survey(self, block: Block) -> None:
        if self.newcomers is not None:
            self.newcomers.survey(block)
        self._survey.add(block)

    def settle(self) -> None:
        if self.newcomers is not None:
            self.newcomers.settle()
        self._change = self._made()

    def _made(self) -> Change:
        known = self._survey.known(self.base, self.recipe.machine.device)
        return find("augmenter", self.by.kind)(self.by, known)

    def apply(self, block: Block, account: Account) -> Block:
        copies = self._copies(block)
        account.added[STEP, self.by.kind] += int(copies.sum())
        source = np.repeat(np.arange(len(block.rows)), copies + 1)
        which = np.concatenate([np.arange(n + 1) for n in copies.tolist()])
        batch = block.batch.take(pa.array(source))
        rows = np.stack([block.rows, _times(block.rows)], axis=1)[source]
        new = np.flatnonzero(which)
        if len(new):
            batch = self._changed(batch, block.asset, rows, which, new)
        return replace(block, batch=batch, rows=rows[:, 0])

    def added(self, block: Block) -> Counter[str]:
        """Rows that a block would get, by class; under no name where rows have no single one."""
        copies, found = self._copies(block).tolist(), Counter[str]()
        for label, count in zip(self._labels(block.batch), copies, strict=True):
            found[label or ""] += count
        return found

    def shown(self, block: Block, rows: int, most: int) -> list[Copies]:
        """The first rows of a block that are copied, with what becomes of them.

        Args:
            block: Training rows as this step is given them.
            rows: How many of them.
            most: Copies of each.
        """
        few = np.cumsum(self._copies(block) > 0) <= rows
        block = block.keep(few)
        copies = self._copies(block)
        made = self.apply(block, Account()).batch
        names = [name for name in self._names() if name in made.schema.names]
        labels, begins = self._labels(block.batch), np.cumsum(copies + 1) - copies - 1
        found: list[Copies] = []
        for at in np.flatnonzero(copies).tolist():
            first, size = int(begins[at]), 1 + min(int(copies[at]), most)
            old, *new = made.select(names).slice(first, size).to_pylist()
            found.append(Copies(int(block.rows[at]), labels[at], old, tuple(new)))
        return found

    def _copies(self, block: Block) -> np.ndarray:
        """New rows of each old one: the whole part of the rate, and one more by chance."""
        whole, more = divmod(self.spec.rate, 1)
        known = zip(block.rows.tolist(), _times(block.rows).tolist(), strict=True)
        draws = [self._chance(block.asset, row, n, 0).random() < more for row, n in known]
        copies = int(whole) + np.array(draws, dtype=np.int64)
        if self.newcomers is not None:
            copies *= self.newcomers.among(block)
        elif self.spec.classes and self._label is not None:
            wanted = set(self.spec.classes)
            copies *= np.array([v in wanted for v in block.batch[self._label].to_pylist()])
        return copies

    def _changed(
        self,
        batch: pa.RecordBatch,
        asset: str,
        rows: np.ndarray,
        which: np.ndarray,
        new: np.ndarray,
    ) -> pa.RecordBatch:
        names = [name for name in self._names() if name in batch.schema.names]
        columns = {name: batch[name].to_pylist() for name in names}
        labels = self._labels(batch)
        places = new.tolist()
        chances = [
            self._chance(asset, int(rows[i, 0]), int(rows[i, 1]), int(which[i])) for i in places
        ]
        if self._change is None:
            self._change = self._made()
        if self.by.modality == "table":
            old = [{name: columns[name][i] for name in names} for i in places]
            made = self._change(_cells(old, chances, labels, places))
            for i, row in zip(places, made, strict=True):
                for name in names:
                    columns[name][i] = row[name]
        else:
            for name in names:
                old = [columns[name][i] for i in places]
                made = self._change(_cells(old, chances, labels, places))
                for i, value in zip(places, made, strict=True):
                    columns[name][i] = value
        for name in names:
            column = pa.array(columns[name], batch[name].type)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
        return batch

    def _labels(self, batch: pa.RecordBatch) -> list[str | None]:
        if self._label is None or self.problem != "single-label":
            return [None] * batch.num_rows
        return batch[self._label].to_pylist()

    def _names(self) -> tuple[str, ...]:
        """Columns that are changed."""
        data = self.recipe.data
        found: dict[str, tuple[str | None, ...]] = {
            "text": (data.text, data.text_pair),
            "image": (data.image,),
            "table": (*data.numeric, *data.categorical, *self._target()),
        }
        return tuple(name for name in found[self.by.modality] if name is not None)

    def _target(self) -> tuple[str, ...]:
        """Numbers that are learned are a column like others to what mixes rows."""
        numbers = self.problem == "regression" and self._label is not None
        return (cast("str", self._label),) if numbers else ()

    def _chance(self, asset: str, row: int, time: int, copy: int) -> np.random.Generator:
        start = (self.recipe.data.seed, self.number, zlib.crc32(asset.encode()))
        return np.random.default_rng((*start, row, time, copy))


def _times(rows: np.ndarray) -> np.ndarray:
    """How often each row's number stands before it. [2, 5, 2, 2] -> [0, 0, 1, 2]."""
    order = np.argsort(rows, kind="stable")
    places = np.arange(len(rows))
    begins = np.concatenate([[True], np.diff(rows[order]) != 0])
    times = np.empty_like(places)
    times[order] = places - np.maximum.accumulate(np.where(begins, places, 0))
    return times


def _cells(
    values: list[Any],
    chances: list[np.random.Generator],
    labels: list[str | None],
    places: list[int],
) -> list[Cell]:
    own = [labels[i] for i in places]
    return [Cell(*cell) for cell in zip(values, chances, own, strict=True)]


def _newcomers(spec: Rows, setting: Preparing) -> Newcomers | None:
    """What tells new classes or sources, where only their rows are copied."""
    recipe = setting.recipe
    if spec.classes != "new" or recipe.balance.cold_start is None:
        return None
    return Newcomers(recipe.balance.cold_start, recipe.data)
