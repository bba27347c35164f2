"""Columns that say nothing, or name the row."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from accord.diagnose.finding import Figure, Finding, Looking, Remedy, fine, not_applicable
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Modality

FEW = 20


class IdleColumns(Looking):
    """Columns with one value, and columns whose values name rows: numbers that count them, or
    categories of which nearly each row has its own."""

    title: ClassVar[str] = "Constant and ID-like columns"
    place: ClassVar[int] = 190
    modalities: ClassVar[tuple[Modality, ...]] = ("table",)
    kind: Literal["columns"] = "columns"
    distinct: float = Field(default=0.9, gt=0, le=1)
    """Different values of a category for each row from which they name rows."""


@part("problem", IdleColumns)
def columns(spec: IdleColumns, seen: Seen) -> Finding:
    """By the sample of training rows."""
    data, table = seen.recipe.data, seen.training.table
    names = (*data.numeric, *data.categorical)
    if table.num_rows < FEW:
        return not_applicable("Too few rows to tell.")
    constant = [name for name in names if _constant(table[name])]
    counting = [n for n in data.numeric if n not in constant and _counts(table[n], seen)]
    naming = [
        name
        for name in data.categorical
        if name not in constant and _distinct(table[name]) >= spec.distinct
    ]
    figures = (
        Figure("constant columns", len(constant), f"of {len(names)}"),
        Figure("columns that name rows", len(counting) + len(naming), f"of {len(names)}"),
    )
    idle = [*constant, *counting, *naming]
    if not idle:
        return fine("Every column can say something of more than one row.", *figures)
    told = [f"{', '.join(constant[:5])} never changes"] if constant else []
    if counting or naming:
        told.append(f"{', '.join((*counting, *naming)[:5])} names the row, and is learned by heart")
    left = [name for name in names if name not in idle]
    patch: dict[str, Any] = {
        field: [name for name in getattr(data, field) if name not in idle]
        for field in ("numeric", "categorical")
        if set(idle) & set(getattr(data, field))
    }
    say = f"Do not learn from {', '.join(idle[:8])}."
    return Finding(
        "found",
        f"{'; '.join(told)}.",
        figures,
        "medium" if counting or naming else "low",
        (Remedy(say, {"data": patch} if left else None),),
    )


def _constant(column: pa.ChunkedArray) -> bool:
    if pa.types.is_floating(column.type):
        values = np.asarray(column.to_numpy(), np.float64)
        known = values[np.isfinite(values)]
        return len(known) == 0 or float(known.min()) == float(known.max())
    return len(column.drop_null().unique()) <= 1


def _distinct(column: pa.ChunkedArray) -> float:
    known = column.drop_null()
    return len(known.unique()) / max(1, len(known))


def _counts(column: pa.ChunkedArray, seen: Seen) -> bool:
    """Whole numbers, none twice, that rise (or fall) with the row, as a row number does."""
    values = np.asarray(column.to_numpy(), np.float64)
    if not np.isfinite(values).all() or (values != np.round(values)).any():
        return False
    if len(np.unique(values)) < len(values):
        return False
    rising = np.diff(values)
    return bool((rising > 0).all() or (rising < 0).all())
