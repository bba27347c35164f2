"""Rows that stand in more than one split: exact duplicates and near duplicates.

Use: one `Sketches` per preparation; `add` the content of every kept row of every split source in
order; once splits are assigned, `find_leaks(sketches, splits, similarity)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.recipe.data import Data
from accord.recipe.task import Task

PAIRS = ("train-validation", "train-test", "validation-test")


@dataclass(frozen=True, slots=True)
class Leaks:
    """What stands in two splits.

    Args:
        exact: Held-out rows (validation or test; test in `validation-test`) that stand, after
            normalisation, in the earlier split too, by pair of splits.
        near: The same for near duplicates that are no exact ones.
        drop: True for rows of the earlier split that a later one also holds: dropping them
            leaves no leak. Shape [rows].
        examples: Up to 10 of {pair, kind, rows: [positions in order of `add`], similarity}.
    """

    exact: dict[str, int]
    near: dict[str, int]
    drop: npt.NDArray[np.bool_]
    examples: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def total(self) -> int:
        return sum(self.exact.values()) + sum(self.near.values())


class Sketches:
    """What is remembered of each row to find its duplicates: about 150 bytes, on disk.

    Args:
        folder: For temporary files; removed by `close` (use `with`).
        similarity: Jaccard similarity from which texts are near duplicates; None for exact only
            (tables, images).
    """

    def __init__(self, folder: Path, similarity: float | None) -> None:
        raise NotImplementedError

    def add(self, contents: Sequence[str] | Sequence[bytes]) -> None:
        """Sketch further rows."""
        raise NotImplementedError


def contents(batch: pa.RecordBatch, data: Data, task: Task) -> list[str] | list[bytes]:
    """What counts as the content of each row of a cleaned batch, labels left out."""
    raise NotImplementedError


def find_leaks(sketches: Sketches, splits: npt.NDArray[np.int8]) -> Leaks:
    """Duplicates across splits.

    Args:
        sketches: Of all rows.
        splits: Split of each row in order of `add` (see `accord.data.split`). Shape [rows].
    """
    raise NotImplementedError
