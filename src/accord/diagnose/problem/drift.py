"""Test rows are unlike the rows that are learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.look import Sampled
from accord.diagnose.features import FOLDS, area, features, out_of_fold, texts_of
from accord.diagnose.finding import Figure, Finding, Graded, Plot, Remedy, fine
from accord.diagnose.seen import Seen
from accord.diagnose.statistics import (
    area_interval,
    area_p_value,
    chi_squared,
    holm,
    kolmogorov_smirnov,
    steps,
)
from accord.part import part

LEVEL = 0.001
SIZE = 0.15
"""Distance, or Cramér's V, from which a single column is named."""
COMPARED = {"text": 4_000, "table": 3_000, "image": 1_000}
FEW = 30


class Drift(Graded):
    """Area under the ROC curve of a plain model that tells test rows from training rows; 0.5 is
    chance (classifier two-sample test; Lopez-Paz and Oquab, 2017)."""

    title: ClassVar[str] = "Skew between train and test"
    place: ClassVar[int] = 30
    kind: Literal["drift"] = "drift"
    low: float = Field(default=0.6, ge=0.5, le=1)
    medium: float = Field(default=0.7, ge=0.5, le=1)
    high: float = Field(default=0.85, ge=0.5, le=1)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    size: float
    p_value: float
    plot: Plot | None


@part("problem", Drift)
def drift(spec: Drift, seen: Seen) -> Finding:
    """A domain classifier over whole rows; Kolmogorov-Smirnov and chi-squared tests of single
    columns and text lengths, with control for their number."""
    modality = seen.task.modality
    train, test = (seen.data.sample[name].head(COMPARED[modality]) for name in ("train", "test"))
    if min(len(train.at), len(test.at)) < FEW:
        return fine(f"Fewer than {FEW} rows on a side: a difference could not be told from chance.")
    telling = _told_apart(seen, train, test)
    columns = _columns(seen, train, test)
    moved = [c for c in columns if c.p_value < LEVEL and c.size >= SIZE]
    moved.sort(key=lambda column: -column.size)
    figures = (telling, *(_figure(column) for column in moved[:5]), *_unknown_words(seen))
    plots = tuple(c.plot for c in (moved or columns)[:2] if c.plot is not None)
    grave = spec.grade(telling.value) if (telling.p_value or 0) < LEVEL else None
    if grave is None and moved:
        largest = moved[0].size
        grave = "medium" if largest >= 0.4 else "low"
    if grave is None:
        return fine("Test rows cannot be told from training rows.", *figures, plots=plots)
    named = f" Most in {', '.join(column.name for column in moved[:3])}." if moved else ""
    return Finding(
        "found",
        "Test rows can be told from training rows by what they hold: what is measured on them says "
        f"little of rows like those that were learned from, or the other way round.{named}",
        figures,
        grave,
        _remedies(seen),
        plots=plots,
    )


def _told_apart(seen: Seen, train: Sampled, test: Sampled) -> Figure:
    data, modality = seen.recipe.data, seen.task.modality
    one, other = features([train.table, test.table], data, modality)
    labels = np.repeat([0, 1], [len(train.at), len(test.at)]).astype(np.int64)
    if modality == "text":
        from scipy.sparse import vstack

        matrix = vstack([one, other]).tocsr() if not isinstance(one, np.ndarray) else None
        matrix = np.concatenate([one, other]) if matrix is None else matrix
    else:
        matrix = np.concatenate([one, other])
    assert len(labels) >= 2 * FOLDS
    value = area(out_of_fold(matrix, labels, modality)[:, 1], labels == 1)
    sizes = (len(test.at), len(train.at))
    return Figure(
        "area under the ROC curve of telling them apart",
        value,
        "",
        area_interval(max(value, 0.5), *sizes),
        area_p_value(value, *sizes),
        f"{sizes[1]:,} training and {sizes[0]:,} test rows",
    )


def _columns(seen: Seen, train: Sampled, test: Sampled) -> list[_Column]:
    """Every column by itself, with p-values after Holm's control."""
    data, found = seen.recipe.data, list[_Column]()
    if seen.task.modality == "text":
        sizes = [
            np.array([len(text) for text in texts_of(part.table, data)], dtype=np.float64)
            for part in (train, test)
        ]
        found.append(_numbers("text length, characters", *sizes))
    names = data.numeric if seen.task.modality == "table" else ()
    for name in names:
        a, b = (np.asarray(p.table[name].to_numpy(), np.float64) for p in (train, test))
        found.append(_numbers(name, a, b))
    for name in (*(data.categorical if names or data.categorical else ()),):
        size, chance = chi_squared(train.table[name].to_pylist(), test.table[name].to_pylist())
        found.append(_Column(name, size, chance, None))
    controlled = holm([column.p_value for column in found])
    return [_Column(c.name, c.size, p, c.plot) for c, p in zip(found, controlled, strict=True)]


def _numbers(name: str, a: np.ndarray, b: np.ndarray) -> _Column:
    size, chance = kolmogorov_smirnov(a, b)
    plot = Plot("curves", name, [("train", *steps(a)), ("test", *steps(b))], name, "share below")
    return _Column(name, size, chance, plot)


def _figure(column: _Column) -> Figure:
    return Figure(f"distance in {column.name}", column.size, "", p_value=column.p_value)


def _unknown_words(seen: Seen) -> tuple[Figure, ...]:
    """Words of test texts that no training text of the sample holds."""
    if seen.task.modality != "text":
        return ()
    import re

    from accord.diagnose.features import WORD

    word = re.compile(WORD)
    words = [
        [w for t in texts_of(seen.data.sample[name].head(2_000).table, seen.recipe.data)
         for w in word.findall(t[:5_000].lower())]
        for name in ("train", "test")
    ]  # fmt: skip
    known = set(words[0])
    share = sum(w not in known for w in words[1]) / max(1, len(words[1]))
    return (Figure("words of test texts not seen in training texts", share, "share"),)


def _remedies(seen: Seen) -> tuple[Remedy, ...]:
    data = seen.recipe.data
    if data.group is not None:
        say = (
            "Groups differ: whole groups went into the test rows. Judge by group, and add groups "
            "like those of the test to the training rows."
        )
        return (Remedy(say, {"evaluate": {"slices": [*seen.recipe.evaluate.slices, data.group]}}),)
    say = (
        "Add rows like those of the test to the training rows, or take test rows from where the "
        "model will be used."
    )
    if isinstance(data.validation, float) and isinstance(data.test, str) and data.validation:
        say += " Validation rows are a share of the training rows and will not show it."
    return (Remedy(say),)
