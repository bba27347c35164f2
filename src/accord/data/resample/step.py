"""The step of `balance.resample:`: the training table as a whole, then new rows beside old ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.numbers import Numbers, positions
from accord.data.outlier.found import filled
from accord.data.resample.table import Resampled, Table
from accord.data.source import Block
from accord.data.step import Preparing
from accord.errors import DataError
from accord.part import Spec, find

STEP = "resample"


class Resampling:
    """Adds and takes out training rows of a table.

    A new row passes by after the old one of its class that is nearest to it, and repeats what that
    says beside the table's columns. Memory: the whole table.

    Args:
        spec: The part's description.
        setting: The run.
    """

    surveys = True

    def __init__(self, spec: Spec, setting: Preparing) -> None:
        data = setting.recipe.data
        self.spec, self.seed, self.label = spec, data.seed, str(data.label)
        self.labels = setting.labels
        self.numeric, self.categorical = data.numeric, data.categorical
        self.seen = Numbers(self.numeric, "data.numeric")
        self._texts: list[list[Any]] = [[] for _ in self.categorical]
        self._labels: list[str] = []
        self._made = Resampled(np.zeros(0, bool), np.zeros((0, 0)), np.zeros(0, np.int64))
        self._parents: dict[int, list[int]] = {}
        self._new: dict[str, list[Any]] = {}

    def survey(self, block: Block) -> None:
        self.seen.add(block)
        for texts, name in zip(self._texts, self.categorical, strict=True):
            texts += block.batch[name].to_pylist()
        self._labels += block.batch[self.label].to_pylist()

    def settle(self) -> None:
        """Make the new rows.

        Raises:
            DataError: The part cannot work with these rows.
        """
        numbers = filled(self.seen.values())
        scale = numbers.std(axis=0)
        scale = np.where(scale > 0, scale, 1.0)
        index: list[list[Any]] = [sorted({*t}, key=lambda v: (v is None, v)) for t in self._texts]
        codes = [
            np.array([places.index(v) for v in texts], dtype=float)
            for places, texts in zip(index, self._texts, strict=True)
        ]
        names = list(self.labels)
        labels = np.array([names.index(name) for name in self._labels], dtype=np.int64)
        values = np.column_stack([numbers / scale, *codes])
        kinds = np.array([False] * len(self.numeric) + [True] * len(self.categorical))
        part = find("resampler", self.spec.kind)
        seed = self.seed
        try:
            made: Resampled = part(self.spec, Table(values, kinds, labels), seed)
        except ValueError as error:
            raise _failed(self.spec, error) from error
        self._made = made
        self._place(values, labels, made)
        count = len(self.numeric)
        self._new = {
            name: (made.values[:, i] * scale[i]).tolist() for i, name in enumerate(self.numeric)
        }
        for i, name in enumerate(self.categorical):
            self._new[name] = [index[i][round(code)] for code in made.values[:, count + i]]

    def apply(self, block: Block, account: Account) -> Block:
        at = positions(self.seen, block)
        kept = self._made.kept[at]
        source: list[int] = []
        new: list[int] = []
        for row, place in enumerate(at.tolist()):
            if kept[row]:
                source.append(row)
                new.append(-1)
            for number in self._parents.get(place, ()):
                source.append(row)
                new.append(number)
        account.removed[STEP, self.spec.kind] += int((~kept).sum())
        account.added[STEP, self.spec.kind] += sum(number >= 0 for number in new)
        batch = block.batch.take(pa.array(source, pa.int64()))
        for name, values in self._new.items():
            old = batch[name].to_pylist()
            mixed = [o if n < 0 else values[n] for o, n in zip(old, new, strict=True)]
            column = pa.array(mixed, batch[name].type)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
        return replace(block, batch=batch, rows=block.rows[np.array(source, dtype=np.int64)])

    def _place(self, values: np.ndarray, labels: np.ndarray, made: Resampled) -> None:
        """Which old row each new one comes after."""
        from sklearn.neighbors import NearestNeighbors

        for label in np.unique(made.labels).tolist():
            own = np.flatnonzero(labels == label)
            numbers = np.flatnonzero(made.labels == label)
            near = NearestNeighbors(n_neighbors=1).fit(values[own])
            found = near.kneighbors(made.values[numbers], return_distance=False)[:, 0]
            for number, place in zip(numbers.tolist(), own[found].tolist(), strict=True):
                self._parents.setdefault(place, []).append(number)


def _failed(spec: Spec, error: ValueError) -> DataError:
    return DataError(
        f"`{spec.kind}` cannot work with these rows",
        code="resample-few",
        path="balance.resample",
        got=str(error)[:200],
        why="it needs several rows of each class near one another",
        fix="use `smote`, or `balance.sampler: over`",
    )
