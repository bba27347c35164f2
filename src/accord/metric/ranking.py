"""Area under ROC and precision-recall curve under resampling; the rows are sorted only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.metric.counts import ratio
from accord.metric.scorer import Floats


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rows in ascending order of score, and where runs of equal scores start.

    Args:
        order: Positions of the rows, [rows].
        starts: First position in `order` of each distinct score, [groups].
        positive: Whether the row at each position of `order` is positive, [rows].
    """

    order: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    positive: Floats


def ranked(truth: npt.NDArray[Any], scores: npt.NDArray[Any]) -> Ranked:
    """Sort once. truth [rows] of 0/1, scores [rows]."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return Ranked(order, starts, truth[order].astype(np.float64))


def ranking_areas(rows: Ranked, counts: Floats) -> tuple[Floats, Floats]:
    """ROC-AUC and average precision.

    Args:
        rows: The sorted rows.
        counts: How often each row was drawn, [rows, R].

    Returns:
        Two arrays [R]; equal scores count half in the first and are one threshold in the second,
        as in scikit-learn. NaN where a resample lacks one of the classes (average precision:
        lacks positives).
    """
    drawn = counts[rows.order]
    positives = drawn * rows.positive[:, None]
    if len(rows.starts) < len(rows.order):
        drawn = np.add.reduceat(drawn, rows.starts, axis=0)
        positives = np.add.reduceat(positives, rows.starts, axis=0)
    negatives = drawn - positives
    below = np.cumsum(negatives, axis=0)
    total, rest = positives.sum(0), below[-1].copy()
    # Wilcoxon-Mann-Whitney: a positive beats the negatives below it and half of its equals.
    wins = np.einsum("gr,gr->r", positives, below) - 0.5 * np.einsum(
        "gr,gr->r", positives, negatives
    )
    above = total - np.cumsum(positives, axis=0) + positives
    chosen = above + (rest - below + negatives)
    precision = ratio(above, chosen)
    average = ratio(np.einsum("gr,gr->r", positives, precision), total, np.nan)
    return ratio(wins, total * rest, np.nan), average
