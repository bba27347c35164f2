"""Answers among the columns of a split: as thresholds decided, else the likeliest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from accord.metric.scorer import Columns, Floats
from accord.model.decision import Decision

UNDECIDED = "undecided:"
"""Prefix of columns that hold what would be answered without thresholds."""


def decided(columns: Columns, decision: Decision | None) -> Columns:
    """The columns with `prediction` beside `scores` if something was decided about them."""
    if decision is None or "scores" not in columns:
        return columns
    return {**columns, "prediction": decision(columns["scores"])}


def undecided_of(columns: Columns) -> Columns:
    """The columns without what thresholds decided."""
    found = {
        name.removeprefix(UNDECIDED): values
        for name, values in columns.items()
        if name.startswith(UNDECIDED)
    }
    return {**columns, **found}


def likeliest(columns: Columns, chances: Floats) -> npt.NDArray[np.int64]:
    """Class ids [rows]: as they were decided, else the likeliest."""
    found = columns.get("prediction")
    return chances.argmax(1) if found is None else found.astype(np.int64)


def held(columns: Columns, chances: Floats) -> npt.NDArray[np.bool_]:
    """Which labels rows have [rows, L]: as it was decided, else those from probability 0.5."""
    found = columns.get("prediction")
    return chances >= 0.5 if found is None else found.astype(bool)
