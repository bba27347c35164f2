"""Rates made of counts, for many resamples at once. L classes, R resamples.

The formulas are scikit-learn's with `zero_division=0`; averages go over the same
classes as there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.metric.scorer import Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows drawn per class, each [L, R]: rightly predicted, predicted, and true."""

    hits: Floats
    predicted: Floats
    actual: Floats


def tally(classes: npt.NDArray[Any], size: int, counts: Floats) -> Floats:
    """Drawn rows of each class: class ids [rows], counts [rows, R] -> [size, R]."""
    from scipy.sparse import csr_array

    rows = len(classes)
    table = csr_array((np.ones(rows), (classes, np.arange(rows))), shape=(size, rows))
    return np.asarray(table @ counts)


def ratio(above: Floats, below: Floats, empty: float = 0.0) -> Floats:
    """Elementwise quotient; `empty` where nothing is divided by."""
    result = np.full(np.broadcast(above, below).shape, empty)
    return np.divide(above, below, out=result, where=below > 0)


def rates_of(
    truth: npt.NDArray[Any], guess: npt.NDArray[Any], average: str | None, labels: Any = None
) -> Floats:
    """scikit-learn's precision, recall, F1 (and support, without average), [3 or 4(, L)]."""
    from sklearn import metrics

    compute: Any = metrics.precision_recall_fscore_support
    found = compute(truth, guess, average=average, labels=labels, zero_division=0)
    return np.array(found if average is None else found[:3], dtype=np.float64)


def class_rates(counts: Counts) -> dict[str, Floats]:
    """`precision`, `recall` and `f1` of every class, each [L, R]."""
    return {
        "precision": ratio(counts.hits, counts.predicted),
        "recall": ratio(counts.hits, counts.actual),
        "f1": ratio(2 * counts.hits, counts.predicted + counts.actual),
    }


def averaged_rates(counts: Counts, *, every: bool = False) -> dict[str, Floats]:
    """`precision_micro`, `precision_macro`, `precision_weighted`, and so recall and f1; [R].

    Macro averages go over classes with rows or predictions, or over `every` class.
    """
    met = ((counts.predicted + counts.actual) > 0) | every
    total = Counts(*(c.sum(0) for c in (counts.hits, counts.predicted, counts.actual)))
    micro, found = class_rates(total), dict[str, Floats]()
    for name, rates in class_rates(counts).items():
        found[f"{name}_micro"] = micro[name]
        found[f"{name}_macro"] = ratio((rates * met).sum(0), met.sum(0).astype(float))
        found[f"{name}_weighted"] = ratio((rates * counts.actual).sum(0), total.actual)
    return found


def positive_rates(counts: Counts) -> dict[str, Floats]:
    """`precision`, `recall`, `f1` of class 1; recall and f1 are NaN without a true row, [R]."""
    found = {name: rates[1] for name, rates in class_rates(counts).items()}
    missing = counts.actual[1] == 0
    for name in ("recall", "f1"):
        found[name] = np.where(missing, np.nan, found[name])
    return found


def balanced_accuracy(counts: Counts) -> Floats:
    """Mean recall of the classes that have rows, [R]."""
    recall = ratio(counts.hits, counts.actual)
    return ratio(recall.sum(0), (counts.actual > 0).sum(0).astype(float), np.nan)


def matthews(counts: Counts) -> Floats:
    """Matthews correlation (Gorodkin, 2004), [R]; NaN with one true class, 0 with one predicted."""
    rows = counts.actual.sum(0)
    hits = counts.hits.sum(0)
    both = hits * rows - (counts.predicted * counts.actual).sum(0)
    spread = rows**2 - (counts.actual**2).sum(0)
    guessed = rows**2 - (counts.predicted**2).sum(0)
    value = ratio(both, np.sqrt(spread * guessed))
    return np.where(spread > 0, value, np.nan)
