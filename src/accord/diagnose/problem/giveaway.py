"""One column, or one word, gives the label away."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from accord.diagnose.features import WORD, area, texts_of
from accord.diagnose.finding import (
    Figure,
    Finding,
    Looking,
    Plot,
    Remedy,
    fine,
    not_applicable,
)
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Modality, Problem

ROWS = 5_000
FEW = 50
RARE = 10
"""Rows of a class below which some word stands in all of them by chance."""
Ids = npt.NDArray[np.int64]


class Giveaway(Looking):
    """The label follows from one feature alone, as it does from a copy of it, or from what was
    written down after it was known."""

    title: ClassVar[str] = "A column that gives the label away"
    place: ClassVar[int] = 100
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "regression")
    modalities: ClassVar[tuple[Modality, ...]] = ("text", "table")
    kind: Literal["giveaway"] = "giveaway"
    area: float = Field(default=0.995, gt=0.5, le=1)
    """Area under the ROC curve of one feature, in the mean over classes; of numbers, rank
    correlation."""


@part("problem", Giveaway)
def giveaway(spec: Giveaway, seen: Seen) -> Finding:
    """Each feature by itself, as a ranking of each class against the rest."""
    data, label = seen.recipe.data, seen.recipe.data.label
    sampled = seen.training.head(ROWS)
    if len(sampled.at) < FEW or not isinstance(label, str):
        return not_applicable("Too few rows to tell.")
    numbers = seen.data.problem == "regression"
    column = sampled.table[label]
    if numbers:
        target = np.asarray(column.to_numpy(), np.float64)
        found = {
            name: abs(_ranked(np.asarray(sampled.table[name].to_numpy(), np.float64), target))
            for name in data.numeric
        }
    else:
        codes = np.unique(np.array(column.to_pylist(), dtype=object), return_inverse=True)[1]
        found = (
            _words(texts_of(sampled.table, data), codes)
            if seen.task.modality == "text"
            else _columns(sampled.table, data.numeric, data.categorical, codes)
        )
    if not found:
        return not_applicable("There is no single feature to look at.")
    best = sorted(found.items(), key=lambda item: -item[1])
    name, value = best[0]
    what = "rank correlation" if numbers else "area under the ROC curve"
    shown = name if seen.task.modality == "table" else "the most telling word"
    figure = Figure(f"{what} of {shown} alone", value, of=seen.of(sampled))
    bars = tuple(best[:8]) if seen.task.modality == "table" else ()
    plots = (Plot("bars", f"{what.capitalize()} of single columns", bars),) if bars else ()
    if value < spec.area:
        return fine("No single feature gives the label away.", figure, plots=plots)
    telling = [name for name, value in best if value >= spec.area]
    return Finding(
        "found",
        _meaning(telling, seen.task.modality),
        (figure,),
        "high",
        _remedies(telling, seen),
        plots=plots,
    )


def _meaning(telling: list[str], modality: str) -> str:
    what = ", ".join(telling[:5]) if modality == "table" else "A single word"
    return (
        f"{what} alone tells the label: it may be a copy of it, or only be known after it is. In "
        "use it will be missing, and the model with it will be worth nothing."
    )


def _columns(
    table: pa.Table, numeric: tuple[str, ...], categorical: tuple[str, ...], codes: Ids
) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in numeric:
        values = np.nan_to_num(np.asarray(table[name].to_numpy(), np.float64), nan=-1e300)
        found[name] = _mean_area(values, codes)
    for name in categorical:
        values = np.array([v or "" for v in table[name].to_pylist()], dtype=object)
        places = np.unique(values, return_inverse=True)[1]
        found[name] = _by_category(places, codes)
    return found


def _mean_area(values: npt.NDArray[np.float64], codes: Ids) -> float:
    areas = [area(values, codes == code) for code in np.unique(codes)]
    return float(np.mean([max(a, 1 - a) for a in areas]))


def _by_category(places: Ids, codes: Ids) -> float:
    """Areas where each category ranks by how often a class has it, judged on the other half."""
    half = np.arange(len(codes)) % 2 == 0
    areas: list[float] = []
    for code in np.unique(codes):
        learned = np.bincount(places[half], codes[half] == code, minlength=int(places.max()) + 1)
        seen = np.bincount(places[half], minlength=int(places.max()) + 1)
        rate = learned / np.maximum(seen, 1)
        areas.append(area(rate[places[~half]], codes[~half] == code))
    return float(np.mean(areas))


def _words(texts: list[str], codes: Ids) -> dict[str, float]:
    """The area of a word's standing in a text: (hits - false hits + 1) / 2."""
    import re

    word = re.compile(WORD)
    classes = np.unique(codes)
    counts: list[Counter[str]] = [Counter() for _ in classes]
    sizes = [int((codes == code).sum()) for code in classes]
    for text, code in zip(texts, codes.tolist(), strict=True):
        counts[code].update(set(word.findall(text[:5_000].lower())))
    judged = [at for at, size in enumerate(sizes) if size >= RARE]
    common = {w for at in judged for w, k in counts[at].items() if k > 0.5 * sizes[at]}
    found: dict[str, float] = {}
    for one in common:
        rates = np.array([c[one] / n for c, n in zip(counts, sizes, strict=True)])
        rest = [(sum(c[one] for c in counts) - counts[i][one]) / (len(texts) - sizes[i])
                for i in range(len(classes))]  # fmt: skip
        areas = np.abs(rates - np.array(rest)) / 2 + 0.5
        # A word that tells one class of several from the rest gives that one away.
        found[one] = float(areas[judged].max())
    return found


def _ranked(values: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> float:
    """Rank correlation (Spearman, 1904)."""
    known = np.isfinite(values)
    if known.sum() < FEW or len(np.unique(values[known])) < 2:
        return 0.0
    ranks = [np.unique(v[known], return_inverse=True)[1] for v in (values, target)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _remedies(telling: list[str], seen: Seen) -> tuple[Remedy, ...]:
    data = seen.recipe.data
    if seen.task.modality == "text":
        return (Remedy("Take out what was added to the texts after they were labelled."),)
    kept = {
        field: [name for name in getattr(data, field) if name not in telling]
        for field in ("numeric", "categorical")
        if set(telling) & set(getattr(data, field))
    }
    say = f"Do not learn from {', '.join(telling[:5])}, if it will not be known in use."
    left = set(data.numeric) | set(data.categorical)
    left -= set(telling)
    return (Remedy(say, {"data": kept} if left else None),)
