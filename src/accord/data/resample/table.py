"""What a resampler is given and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.errors import DataError
from accord.part import require

Values = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Table:
    """Training rows as resamplers take them.

    A part of slot `resampler` is a function `(spec, table, seed) -> Resampled`.

    Args:
        values: Numbers, of deviation 1, without missing values; then categories as whole numbers.
            Shape [n, d].
        categorical: Which columns are categories. Shape [d].
        labels: Class ids. Shape [n].
    """

    values: Values
    categorical: npt.NDArray[np.bool_]
    labels: Labels


@dataclass(frozen=True, slots=True)
class Resampled:
    """Rows that stay, and new ones.

    Args:
        kept: Shape [n].
        values: Of the new rows [m, d].
        labels: Of the new rows [m].
    """

    kept: npt.NDArray[np.bool_]
    values: Values
    labels: Labels


def lacking(labels: Labels, ratio: float) -> dict[int, int]:
    """Rows that each class is to have, for those with fewer than `ratio` of the largest."""
    counts = np.bincount(labels)
    least = int(np.ceil(ratio * counts.max() - 1e-9))
    return {i: max(n, least) for i, n in enumerate(counts.tolist()) if n}


def neighbours(labels: Labels, wanted: int, kind: str) -> int:
    """As many neighbours as the rarest class can give.

    Raises:
        DataError: A class has one row only.
    """
    counts = np.bincount(labels)
    fewest = int(counts[counts > 0].min())
    if fewest < 2:
        raise DataError(
            "a class has one row, which lies between no two",
            code="resample-few",
            path="balance.resample",
            got=f"{kind}, 1 row",
            expected="2 rows of each class at least",
            fix="gather more rows of it, or use `balance.sampler: over`",
        )
    return min(wanted, fewest - 1)


def imbalanced(module: str) -> Any:
    """A module of imbalanced-learn."""
    return require(f"imblearn.{module}", "data", "`balance.resample`")


def grown(table: Table, fit: Callable[[Values, Labels], tuple[Values, Labels]]) -> Resampled:
    """What an over-sampler adds: it gives the rows as they are, then new ones."""
    values, labels = fit(table.values, table.labels)
    n = len(table.labels)
    return Resampled(np.ones(n, dtype=bool), np.asarray(values)[n:], np.asarray(labels)[n:])


def thinned(made: Resampled, table: Table, cleaner: Any) -> Resampled:
    """What is left of old and new rows after a cleaner that takes rows out."""
    n = len(table.labels)
    values = np.concatenate([table.values, made.values])
    labels = np.concatenate([table.labels, made.labels])
    cleaner.fit_resample(values, labels)
    stays = np.zeros(len(labels), dtype=bool)
    stays[cleaner.sample_indices_] = True
    return Resampled(stays[:n], made.values[stays[n:]], made.labels[stays[n:]])
