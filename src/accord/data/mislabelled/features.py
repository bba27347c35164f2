"""Rows as numbers that a label can be predicted from."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

import numpy as np
import numpy.typing as npt

from accord.data.mislabelled.predictor import Features
from accord.data.numbers import Numbers
from accord.data.places import Places
from accord.data.source import Block
from accord.data.vectors import RowVectors
from accord.recipe.data import Data

MOST_VALUES = 50
"""Values of a categorical column that are told apart: the most frequent."""


class Gathered(Protocol):
    """Takes in rows; gives their features in that order."""

    places: Places

    def add(self, block: Block) -> None: ...

    def features(self) -> Features: ...


class TableRows:
    """Numbers as they are, categories as columns of 0 and 1.

    Args:
        data: Names the columns.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self.numbers = Numbers(data.numeric, "data.numeric")
        self.places = self.numbers.places
        self._texts: list[list[str | None]] = [[] for _ in data.categorical]

    def add(self, block: Block) -> None:
        if self.data.numeric:
            self.numbers.add(block)
        else:
            self.places.add(block)
        for texts, name in zip(self._texts, self.data.categorical, strict=True):
            texts += block.batch[name].to_pylist()

    def features(self) -> Features:
        columns = [self.numbers.values()] if self.data.numeric else []
        return np.concatenate([*columns, *(_spread(texts) for texts in self._texts)], axis=1)


class EmbeddedRows:
    """Texts or images as vectors.

    Args:
        vectors: Of the rows.
    """

    def __init__(self, vectors: RowVectors) -> None:
        self.vectors, self.places = vectors, Places()
        self._parts: list[npt.NDArray[np.float32]] = []

    def add(self, block: Block) -> None:
        self.vectors.add(block)
        self._parts.append(self.vectors.of(block))
        self.places.add(block)

    def features(self) -> Features:
        return np.concatenate(self._parts).astype(np.float64)


def _spread(texts: list[str | None]) -> Features:
    counts = Counter(texts)
    order = sorted(counts, key=lambda name: (-counts[name], name is None, name or ""))
    own = np.array(texts, dtype=object)
    return np.stack([own == name for name in order[:MOST_VALUES]], axis=1).astype(np.float64)
