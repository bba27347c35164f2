"""Tables of numeric and categorical columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.encoder import Encoder, Lengths, Setting, class_labels, numbered
from accord.data.impute.indicator import indicators
from accord.data.source import BATCH_ROWS, Block
from accord.model.scale.scaling import ENTRY, learned, scaled
from accord.part import Spec, part
from accord.recipe.privacy import Privacy

MOST_VALUES = 10_000
"""Values of a categorical column that get an id; rarer ones count as unknown."""
MOST_PARTS = 1_000
"""Blocks whose values wait to be drawn from."""
SAMPLE = 100_000
"""Values of a numeric column its median is taken from; drawn from all of them."""

SPREAD = 1001
"""Numbers that stand for a range which a private recipe declares."""


class TableClassification(Spec):
    """Columns with a class."""

    kind: Literal["table-classification"] = "table-classification"


class TableRegression(Spec):
    """Columns with a number to predict."""

    kind: Literal["table-regression"] = "table-regression"


class Moments:
    """Mean and deviation by Welford's update over batches of one size; the median of a sample.

    The sample is drawn from all values alike: each gets a random key, the smallest keys stay
    (Efraimidis and Spirakis, 2006, with equal weights).

    Args:
        seed: Of the keys.

    Guarantees:
        The same values give the same figures to the last bit, however they come divided.
    """

    def __init__(self, seed: int) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0
        self._chance = np.random.default_rng(seed)
        self._drawn, self._limit = [np.zeros((2, 0))], 1.0
        self._waiting = 0
        self._pending = np.zeros(0)

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Take in values; missing ones count for nothing."""
        known = values[np.isfinite(values)]
        keys = self._chance.random(len(known))
        low = keys < self._limit
        self._drawn.append(np.stack((keys[low], known[low])))
        self._waiting += int(low.sum())
        if self._waiting > SAMPLE or len(self._drawn) > MOST_PARTS:
            self.sample()
        self._pending = np.concatenate((self._pending, known))
        while len(self._pending) >= BATCH_ROWS:
            self._merge(self._pending[:BATCH_ROWS])
            self._pending = self._pending[BATCH_ROWS:]

    def sample(self) -> npt.NDArray[np.float64]:
        """At most `SAMPLE` of the values, in no order."""
        drawn = np.concatenate(self._drawn, 1)
        if drawn.shape[1] > SAMPLE:
            drawn = drawn[:, np.argpartition(drawn[0], SAMPLE)[:SAMPLE]]
            self._limit = float(drawn[0].max())
        self._drawn, self._waiting = [drawn], 0
        return drawn[1]

    def _merge(self, known: npt.NDArray[np.float64]) -> None:
        total, shift = self.count + len(known), known.mean() - self.mean
        self.squares += ((known - known.mean()) ** 2).sum()
        self.squares += shift**2 * self.count * len(known) / total
        self.mean += shift * len(known) / total
        self.count = total

    def summary(self) -> dict[str, float]:
        """Figures of all values so far."""
        if len(self._pending):
            self._merge(self._pending)
            self._pending = np.zeros(0)
        std = float((self.squares / self.count) ** 0.5) if self.count else 0.0
        median = float(np.median(self.sample())) if self.count else 0.0
        return {"mean": float(self.mean), "std": std or 1.0, "median": median}


class TableEncoder:
    """Raw numbers (NaN where missing) and ids of categories (0 unknown or missing); statistics
    and ids are those of the training rows alone, or of what the recipe declares of them where
    training is private: then no row is looked at."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.data = setting, setting.recipe.data
        self.regression = setting.recipe.task == "table-regression"
        self.lengths = Lengths()
        seed = self.data.seed
        self.moments = {name: Moments(seed) for name in self.data.numeric}
        known = (setting.known or {}).get("numeric", ())
        self._numeric: dict[str, dict[str, Any]] = {column["name"]: column for column in known}
        self._scalers = self._wanted() if setting.known is None else {}
        self._waiting: dict[str, list[npt.NDArray[np.float64]]] = {n: [] for n in self._scalers}
        self.target = Moments(seed)
        self.values: dict[str, Counter[str]] = {n: Counter() for n in self.data.categorical}
        self._ids: dict[str, dict[str, int]] | None = None
        declared = setting.recipe.privacy if setting.known is None else None
        self.surveys = declared is None
        if declared is not None:
            self._declare(declared)

    def _declare(self, privacy: Privacy) -> None:
        """Learn from numbers spread evenly over each declared range, and the declared values."""
        for name in self.moments:
            self._take(name, np.linspace(*privacy.ranges[name], SPREAD))
        for name, counter in self.values.items():
            counter.update(privacy.categories[name])
        if self.regression:
            self.target.add(np.linspace(*privacy.ranges[self._label()], SPREAD))

    def survey(self, block: Block) -> None:
        if self.setting.known is None:
            self._add(block)
        for name, counter in self.values.items():
            counter.update(value for value in block.batch[name].to_pylist() if value is not None)
        if self.regression:
            self.target.add(_numbers(block, self._label()))

    def _add(self, block: Block) -> None:
        for name in indicators(block.batch.schema.names):
            self.moments.setdefault(name, Moments(self.data.seed))
        for name in self.moments:
            self._take(name, _numbers(block, name))

    def _take(self, name: str, values: npt.NDArray[np.float64]) -> None:
        if name in self._waiting:
            self._waiting[name].append(values)
        else:
            self.moments[name].add(values)

    def _wanted(self) -> dict[str, Spec]:
        scale = self.setting.recipe.clean.scale
        found = {} if scale is None else {n: scale.of(n) for n in self.data.numeric}
        return {name: spec for name, spec in found.items() if spec is not None}

    def settle(self) -> None:
        self._vocabularies()
        if self.setting.known is None:
            self._numeric = {n: self._column(n, m) for n, m in self.moments.items()}
            self._waiting = {}

    def _column(self, name: str, moments: Moments) -> dict[str, Any]:
        """Facts of a numeric column. One that is scaled is not standardised by the model again."""
        if name not in self._scalers:
            return {"name": name, **moments.summary()}
        values = np.concatenate([np.zeros(0), *self._waiting[name]])
        entry = {ENTRY: learned(self._scalers[name], values)}
        moments.add(scaled(entry, values))
        median = moments.summary()["median"]
        return {"name": name, "mean": 0.0, "std": 1.0, "median": median, **entry}

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        columns: dict[str, pa.Array] = {}
        if self.data.numeric:
            numbers = [scaled(c, _numbers(block, name)) for name, c in self._numeric.items()]
            table = np.stack(numbers, 1)
            columns["numeric"] = pa.array(table.tolist(), pa.list_(pa.float32()))
        if self.data.categorical:
            ids = self._vocabularies()
            table = np.stack(
                [
                    [ids[name].get(value, 0) for value in block.batch[name].to_pylist()]
                    for name in self.data.categorical
                ],
                1,
            )
            columns["categorical"] = pa.array(table.tolist(), pa.list_(pa.int32()))
        if self.regression:
            columns["label"] = pa.array(_numbers(block, self._label()), pa.float32())
        else:
            columns["label"] = class_labels(block, self.setting)
        displays = self._displays(block) if split != "train" else None
        return numbered(block, columns, displays, self.setting.recipe.evaluate.slices)

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        yield encoded

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _displays(self, block: Block) -> list[str]:
        names = (*self.data.numeric, *self.data.categorical)
        rows = zip(*(block.batch[name].to_pylist() for name in names), strict=True)
        return [
            ", ".join(f"{n}={_short(v)}" for n, v in zip(names, row, strict=True))[:400]
            for row in rows
        ]

    def facts(self) -> Mapping[str, Any]:
        ids = self._vocabularies()
        numeric = list(self._numeric.values())
        categorical = [{"name": n, "values": list(ids[n])} for n in self.data.categorical]
        facts: dict[str, Any] = {
            "modality": "table",
            "pad_id": None,
            "numeric": numeric,
            "categorical": categorical,
        }
        if self.regression:
            facts["target"] = self.target.summary()
        return facts

    def save(self, folder: Path) -> None:
        return None

    def _label(self) -> str:
        assert isinstance(self.data.label, str)
        return self.data.label

    def _vocabularies(self) -> dict[str, dict[str, int]]:
        if self._ids is None:
            self._ids = {
                name: {v: i + 1 for i, v in enumerate(sorted(dict(c.most_common(MOST_VALUES))))}
                for name, c in self.values.items()
            }
        return self._ids


def _numbers(block: Block, column: str) -> npt.NDArray[np.float64]:
    return block.batch[column].to_numpy(zero_copy_only=False).astype(np.float64)


def _short(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@part("encoder", TableClassification)
def table_classification(spec: TableClassification, setting: Setting) -> Encoder:
    """Encoder of table classification."""
    return TableEncoder(setting)


@part("encoder", TableRegression)
def table_regression(spec: TableRegression, setting: Setting) -> Encoder:
    """Encoder of table regression."""
    return TableEncoder(setting)
