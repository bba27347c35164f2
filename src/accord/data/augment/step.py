"""The step of `augment.rows:`: new rows pass by after those they were made from."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.augment.change import AugmenterSpec, Change, Columns
from accord.data.source import Block
from accord.data.step import Preparing
from accord.part import find
from accord.recipe.augment import Rows

STEP = "augment"


class Augmentation:
    """Adds changed copies of training rows.

    Args:
        spec: One entry of `augment.rows`.
        setting: The run.
        number: Which entry; part of the seed.

    Guarantees:
        A new row is a pure function of the recipe's seed, the entry, its row and which copy it is.
    """

    def __init__(self, spec: Rows, setting: Preparing, number: int) -> None:
        self.spec, self.setting, self.number = spec, setting, number
        self.by = cast("AugmenterSpec", spec.by)
        self.surveys = self.by.modality == "table"
        data = setting.recipe.data
        self._label = data.label if isinstance(data.label, str) else None
        self._moments = {name: np.zeros(3) for name in data.numeric}
        self._values = {name: Counter[str | None]() for name in data.categorical}
        self._change: Change | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which makes its own function."""
        return {**self.__dict__, "_change": None}

    def survey(self, block: Block) -> None:
        for name, moments in self._moments.items():
            values = block.batch[name].to_numpy(zero_copy_only=False)
            known = values[np.isfinite(values)]
            moments += (len(known), known.sum(), (known**2).sum())
        for name, counts in self._values.items():
            counts.update(block.batch[name].to_pylist())

    def settle(self) -> None:
        self._change = self._made()

    def _made(self) -> Change:
        deviations = {name: _deviation(*m.tolist()) for name, m in self._moments.items()}
        values = {name: tuple(counts.elements()) for name, counts in self._values.items()}
        return find("augmenter", self.by.kind)(self.by, Columns(deviations, values))

    def apply(self, block: Block, account: Account) -> Block:
        copies = self._copies(block)
        account.added[STEP, self.by.kind] += int(copies.sum())
        source = np.repeat(np.arange(len(block.rows)), copies + 1)
        which = np.concatenate([np.arange(n + 1) for n in copies.tolist()])
        batch = block.batch.take(pa.array(source))
        rows = block.rows[source]
        new = np.flatnonzero(which)
        if len(new):
            batch = self._changed(batch, block.asset, rows, which, new)
        return replace(block, batch=batch, rows=rows)

    def _copies(self, block: Block) -> np.ndarray:
        """New rows of each old one: the whole part of the rate, and one more by chance."""
        whole, more = divmod(self.spec.rate, 1)
        draws = [self._chance(block.asset, n, 0).random() < more for n in block.rows.tolist()]
        copies = int(whole) + np.array(draws, dtype=np.int64)
        if self.spec.classes and self._label is not None:
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
        chances = {i: self._chance(asset, int(rows[i]), int(which[i])) for i in new.tolist()}
        names = [name for name in self._names() if name in batch.schema.names]
        cells = {name: batch[name].to_pylist() for name in names}
        for i, chance in chances.items():
            row = {name: cells[name][i] for name in names}
            for name, value in self._one(row, chance).items():
                cells[name][i] = value
        for name in names:
            column = pa.array(cells[name], batch[name].type)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
        return batch

    def _one(self, row: dict[str, Any], chance: np.random.Generator) -> dict[str, Any]:
        if self._change is None:
            self._change = self._made()
        change = self._change
        if self.by.modality == "table":
            return change(row, chance)
        return {name: change(value, chance) for name, value in row.items()}

    def _names(self) -> tuple[str, ...]:
        """Columns that are changed."""
        data = self.setting.recipe.data
        found: dict[str, tuple[str | None, ...]] = {
            "text": (data.text, data.text_pair),
            "image": (data.image,),
            "table": (*data.numeric, *data.categorical),
        }
        return tuple(name for name in found[self.by.modality] if name is not None)

    def _chance(self, asset: str, row: int, copy: int) -> np.random.Generator:
        seed = self.setting.recipe.data.seed
        return np.random.default_rng((seed, self.number, zlib.crc32(asset.encode()), row, copy))


def _deviation(count: float, total: float, squares: float) -> float:
    if not count:
        return 0.0
    return max(squares / count - (total / count) ** 2, 0.0) ** 0.5
