"""What augmenters know of the training rows before they change any."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from accord.data.augment.change import Need
from accord.data.augment.words import cores_of
from accord.data.source import Block
from accord.recipe.data import Data

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """How much a word says for a class, by the training rows that it stands in.

    Args:
        rows: Of each class.
        words: Rows of each class that each word stands in.
    """

    rows: Mapping[str, int]
    words: Mapping[str, Counter[str]]

    def odds(self, label: str, word: str) -> float:
        """Logarithm of how much likelier the word is in a row of the class than in another; 0 of a
        word that was never seen, one row more on each side."""
        total, own = sum(self.rows.values()), self.rows.get(label, 0)
        inside = self.words[label][word] if label in self.words else 0
        outside = sum(counts[word] for counts in self.words.values()) - inside
        if not inside and not outside:
            return 0.0
        return math.log((inside + 1) / (own + 2)) - math.log((outside + 1) / (total - own + 2))

    def holds(self, label: str | None, old: str, new: str, tolerance: float | None) -> bool:
        """Whether a word may stand for another in a row of the class."""
        if label is None or tolerance is None:
            return True
        return self.odds(label, old.lower()) - self.odds(label, new.lower()) <= tolerance


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the training rows, as far as an augmenter asked for it.

    Args:
        base: Folder that relative paths start from.
        deviations: Of each numeric column.
        values: Of each categorical column, as often as they stand there.
        telling: What words say for classes.
        rows: Of a table, by class; under None where rows have no class.
        device: Where models run: `auto`, `cpu`, `cuda`.
    """

    base: Path = Path()
    deviations: Mapping[str, float] = field(default_factory=dict[str, float])
    values: Mapping[str, tuple[str | None, ...]] = field(
        default_factory=dict[str, tuple[str | None, ...]]
    )
    telling: Telling = Telling({}, {})
    rows: Mapping[str | None, Sequence[Row]] = field(
        default_factory=dict[str | None, Sequence[Row]]
    )
    device: str = "cpu"


class Survey:
    """Collects what is asked for from blocks of training rows.

    Args:
        needs: What is asked for.
        data: Names the columns.
        label: Column of the class; None where rows have no single one.
        columns: That are changed, of tables.
    """

    def __init__(
        self, needs: frozenset[Need], data: Data, label: str | None, columns: tuple[str, ...]
    ) -> None:
        self.needs, self.data, self.label, self.columns = needs, data, label, columns
        self.moments = {name: np.zeros(3) for name in data.numeric}
        self.values = {name: Counter[str | None]() for name in data.categorical}
        self.classes = Counter[str]()
        self.words: dict[str, Counter[str]] = {}
        self.rows: dict[str | None, list[Row]] = {}

    def add(self, block: Block) -> None:
        labels = [None] * len(block.rows) if self.label is None else _column(block, self.label)
        if "columns" in self.needs:
            self._columns(block)
        if "words" in self.needs and self.label is not None:
            self._words(block, labels)
        if "rows" in self.needs:
            cells = [_column(block, name) for name in self.columns]
            for label, *values in zip(labels, *cells, strict=True):
                row = dict(zip(self.columns, values, strict=True))
                self.rows.setdefault(label, []).append(row)

    def _columns(self, block: Block) -> None:
        for name, moments in self.moments.items():
            values = block.batch[name].to_numpy(zero_copy_only=False)
            known = values[np.isfinite(values)]
            moments += (len(known), known.sum(), (known**2).sum())
        for name, counts in self.values.items():
            counts.update(_column(block, name))

    def _words(self, block: Block, labels: Sequence[str | None]) -> None:
        texts = [_column(block, n) for n in (self.data.text, self.data.text_pair) if n is not None]
        for label, *parts in zip(labels, *texts, strict=True):
            assert label is not None
            self.classes[label] += 1
            found = {word for text in parts for word in cores_of(text)}
            self.words.setdefault(label, Counter()).update(found)

    def known(self, base: Path, device: str) -> Known:
        """What was found."""
        return Known(
            base=base,
            deviations={name: _deviation(*m.tolist()) for name, m in self.moments.items()},
            values={name: tuple(counts.elements()) for name, counts in self.values.items()},
            telling=Telling(dict(self.classes), self.words),
            rows=self.rows,
            device=device,
        )


def _column(block: Block, name: str) -> list[Any]:
    return block.batch[name].to_pylist()


def _deviation(count: float, total: float, squares: float) -> float:
    if not count:
        return 0.0
    return max(squares / count - (total / count) ** 2, 0.0) ** 0.5
