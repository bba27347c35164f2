"""`clean.outliers:` values and rows of the training data that are unlike the others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section

Handle = Literal["remove", "quarantine", "clip", "replace", "interpolate", "weight"]


class Outliers(Section):
    """What is outlying among the training rows, and what is done about it."""

    by: Annotated[Spec, SpecOf("outlier")] = Field(default="mad", validate_default=True)  # type: ignore[assignment]
    """How it is found: `mad`, `z-score`, `iqr`, `hampel` value by value; `mahalanobis`,
    `isolation-forest`, `lof`, `ecod` row by row."""
    on: Literal["columns", "embeddings"] = "columns"
    """What is looked at: columns of numbers, or texts and images as the base model embeds them
    (mean of its last hidden states); needs `model.base` and a detector of rows."""
    components: int = Field(default=32, ge=1, le=512)
    """Directions of the embeddings that are looked at: those in which they vary most."""
    columns: tuple[str, ...] = ()
    """Columns of numbers that are looked at; by default those under `data.numeric`. The target of a
    regression is one if it is named."""
    handle: Handle = "remove"
    """`remove` leaves rows out, `quarantine` writes them aside, `weight` lets them count less;
    `clip`, `replace` and `interpolate` change the outlying values alone."""
    value: Literal["median", "missing"] | float = "median"
    """What `replace` puts in: the median of the others, nothing, or a number."""
    method: Literal["linear", "spline"] = "linear"
    """How `interpolate` goes from the sound value before to that after: straight, or by a cubic
    spline."""
    order_by: str | None = None
    """Column of numbers or times that gives rows their order, for `hampel` and `interpolate`."""
    group_by: str | None = None
    """Column whose values part the rows into series, each judged by itself: the sensor, the
    station."""
    weight: float = Field(default=0.1, ge=0, lt=1)
    """How much an outlying row counts under `weight`."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns that are read for it."""
        beside = (self.order_by, self.group_by)
        return (*self.columns, *(name for name in beside if name))
