"""Values far from all others."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.diagnose.features import texts_of
from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Plot,
    Remedy,
    fine,
    found_or_remedied,
    not_applicable,
)
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Modality

NORMAL = 0.6744897501960817
BINS = 24
Values = npt.NDArray[np.float64]


class Outlying(Graded):
    """Share of rows with a value, or a text length, far outside on both a plain and a logarithmic
    scale: long tails are no outliers."""

    title: ClassVar[str] = "Outliers"
    place: ClassVar[int] = 60
    modalities: ClassVar[tuple[Modality, ...]] = ("text", "table")
    kind: Literal["outliers"] = "outliers"
    low: float = Field(default=0.0005, ge=0, le=1)
    medium: float = Field(default=0.01, ge=0, le=1)
    high: float = Field(default=0.05, ge=0, le=1)
    threshold: float = Field(default=8.0, gt=0)
    """Deviations from the median, on the side of the value, in median absolute deviations scaled to
    be standard deviations of normal values."""


@part("problem", Outlying)
def outliers(spec: Outlying, seen: Seen) -> Finding:
    """Column by column, by the median absolute deviation of each side (double MAD)."""
    data, sampled = seen.recipe.data, seen.training
    if seen.task.modality == "text":
        sizes = np.array([len(t) for t in texts_of(sampled.table, data)], dtype=np.float64)
        columns = {"text length": sizes}
    else:
        columns = {n: np.asarray(sampled.table[n].to_numpy(), np.float64) for n in data.numeric}
        label = data.label
        if seen.data.problem == "regression" and isinstance(label, str):
            columns[label] = np.asarray(sampled.table[label].to_numpy(), np.float64)
    if not columns:
        return not_applicable("There is no column of numbers.")
    masks = {name: far(values, spec.threshold) for name, values in columns.items()}
    rows = np.any(np.stack(list(masks.values())), axis=0)
    hit = {name: int(mask.sum()) for name, mask in masks.items() if mask.any()}
    share = float(rows.mean()) if len(rows) else 0.0
    of = seen.of(sampled)
    figure = Figure("rows with a value far from all others", share, "share", of=of)
    if seen.task.modality == "text" and _natural(columns["text length"], masks["text length"]):
        grave = None
    else:
        grave = spec.grade(share)
    worst = max(hit, key=lambda name: hit[name]) if hit else next(iter(columns))
    plot = _histogram(worst, columns[worst])
    if grave is None:
        return fine("No value is far from all others.", figure, plots=(plot,))
    named = ", ".join(f"{name} ({n:,})" for name, n in sorted(hit.items(), key=lambda i: -i[1])[:5])
    finding = Finding(
        "found",
        f"Some values are far from all others, as slips of entry and broken sensors are: {named}.",
        (figure, *(Figure(f"in {name}", n, "rows", of=of) for name, n in list(hit.items())[:5])),
        grave,
        _remedies(seen, list(hit), columns, masks, spec.threshold),
        seen.names(sampled.at[rows]),
        (plot,),
    )
    return found_or_remedied(finding, _handled(seen, hit))


def far(values: Values, threshold: float) -> npt.NDArray[np.bool_]:
    """Which values are far from the median on every scale that suits them. Shape [rows]."""
    found = _outside(values, threshold)
    known = values[np.isfinite(values)]
    if found.any() and len(known) and known.min() >= 0:
        # Zeros beside large numbers would be far below on a logarithmic scale: a little is added.
        positive = known[known > 0]
        small = float(np.quantile(positive, 0.05)) if len(positive) else 1.0
        found &= _outside(np.log(values + small), threshold)
    return found


def _outside(values: Values, threshold: float) -> npt.NDArray[np.bool_]:
    known = values[np.isfinite(values)]
    if len(known) < 20:
        return np.zeros(len(values), dtype=bool)
    middle = float(np.median(known))
    away = np.abs(known - middle)
    sides: list[float] = []
    for side in (known <= middle, known >= middle):
        scale = float(np.median(away[side])) / NORMAL
        # Where more than half of a side is one value, that side has no such scale.
        sides.append(scale or float(away.mean()) * 1.2533141373155003)
    if not all(sides):
        return np.zeros(len(values), dtype=bool)
    with np.errstate(invalid="ignore"):
        low = values < middle - threshold * sides[0]
        return low | (values > middle + threshold * sides[1])


def _natural(sizes: Values, mask: npt.NDArray[np.bool_]) -> bool:
    """Text lengths have long tails; only those apart from all others are of note."""
    rest = sizes[~mask]
    return not mask.any() or float(sizes[mask].min()) < 3 * float(rest.max(initial=1.0))


def _histogram(name: str, values: Values) -> Plot:
    known = values[np.isfinite(values)]
    counts, edges = np.histogram(known, bins=BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    items = [(float(x), int(n)) for x, n in zip(middles, counts, strict=True)]
    return Plot("columns", f"Values of {name}", items, name, "rows")


def _remedies(
    seen: Seen, hit: list[str], columns: dict[str, Values], masks: dict[str, Any], threshold: float
) -> tuple[Remedy, ...]:
    if seen.task.modality == "text":
        longest = int(columns["text length"][~masks["text length"]].max(initial=1.0))
        patch = {"clean": {"filter": {"most": longest}}}
        return (Remedy("Leave out texts longer than all ordinary ones.", patch),)
    by = {"kind": "mad", "threshold": threshold}
    before = [one.model_dump(mode="json", exclude_defaults=True) for one in _given(seen)]
    clip = {"by": by, "columns": hit, "handle": "clip"}
    remove = {"by": by, "columns": hit, "handle": "remove"}
    return (
        Remedy("Clip them to the edge of the others.", {"clean": {"outliers": [*before, clip]}}),
        Remedy("Leave out their rows.", {"clean": {"outliers": [*before, remove]}}),
    )


def _given(seen: Seen) -> tuple[Any, ...]:
    return seen.recipe.clean.outliers


def _handled(seen: Seen, hit: dict[str, int]) -> str | None:
    clean = seen.recipe.clean
    if seen.task.modality == "text":
        return "`clean.filter.most`" if clean.filter and clean.filter.most else None
    for one in clean.outliers:
        if set(hit) <= set(one.columns or seen.recipe.data.numeric):
            return f"`clean.outliers` by {one.by.kind}, {one.handle}"
    return None
