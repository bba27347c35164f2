"""What a scorer gives: metrics, their values under resampling, curves and rows to look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, npt.NDArray[Any]]
"""What was collected of a split, one array a name; the first dimension is always the row."""

Resampled = Callable[[Floats], dict[str, Floats]]
"""Metrics under resampling: counts [rows, R] (how often each row was drawn) -> values [R].

NaN where a resample does not define a metric.
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """Metrics of one split.

    Args:
        metrics: Value by name; None where the split does not define it.
        undefined: Why, for every None.
        per_class: precision, recall, f1, support (and roc_auc, pr_auc) by label.
        confusion: `labels` and `counts` [true][predicted], or None.
    """

    metrics: dict[str, float | None]
    undefined: dict[str, str] = field(default_factory=dict[str, str])
    per_class: dict[str, dict[str, float | None]] = field(
        default_factory=dict[str, dict[str, float | None]]
    )
    confusion: dict[str, Any] | None = None


class Scorer(Protocol):
    """Judges one kind of problem.

    Guarantees:
        `resampled(columns)(ones)` equals `scores(columns).metrics` for every name it gives.
    """

    @property
    def cost(self) -> int:
        """How many passes over the rows one resample takes, roughly."""
        ...

    def scores(self, columns: Columns) -> Scores:
        """Metrics of the rows in `columns`; at least one row."""
        ...

    def resampled(self, columns: Columns) -> Resampled:
        """The same metrics as a function of how often each row counts."""
        ...

    def curves(self, columns: Columns) -> dict[str, Any]:
        """Curves by kind, as JSON values, at most 200 points each."""
        ...

    def rows(self, columns: Columns) -> dict[str, Any]:
        """Columns of predictions.parquet, `loss` among them: what `worst mistakes` sorts by."""
        ...

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        """The inverse of `rows`: columns to score, from lists read back."""
        ...


def only_finite(values: Mapping[str, float]) -> dict[str, float | None]:
    """The same values with None for those that are not finite."""
    return {name: float(v) if math.isfinite(v) else None for name, v in values.items()}


def columns_at(columns: Columns, rows: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    """The columns at some rows (mask or positions)."""
    return {name: values[rows] for name, values in columns.items()}
