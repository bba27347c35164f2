"""ROC and precision-recall curves, thinned for drawing; their areas are those of all points."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

POINTS = 200
LABELS = 20
"""Curves of at most so many labels are kept, those with most rows."""

Curve = dict[str, Any]


def roc_of(truth: npt.NDArray[Any], scores: npt.NDArray[Any]) -> Curve | None:
    """False (x) and true (y) positive rate; None unless both classes have rows.

    Args:
        truth: 0/1, [rows].
        scores: Higher is more positive, [rows].
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    if truth.min() == truth.max():
        return None
    x, y, _ = roc_curve(truth, scores)
    return _curve(x, y, float(roc_auc_score(truth, scores)))


def pr_of(truth: npt.NDArray[Any], scores: npt.NDArray[Any]) -> Curve | None:
    """Recall (x) and precision (y); the area is average precision. None without positives."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    if truth.max() == 0:
        return None
    precision, recall, _ = precision_recall_curve(truth, scores)
    return _curve(recall[::-1], precision[::-1], float(average_precision_score(truth, scores)))


def curves_of(
    truth: npt.NDArray[Any], scores: npt.NDArray[Any], labels: list[str]
) -> dict[str, dict[str, Curve]]:
    """`roc` and `pr` by label. truth and scores [rows, L]."""
    found: dict[str, dict[str, Curve]] = {"roc": {}, "pr": {}}
    by_rows = np.argsort(-truth.sum(0), kind="stable")[:LABELS]
    for column in sorted(by_rows.tolist()):
        for name, curve in (("roc", roc_of), ("pr", pr_of)):
            made = curve(truth[:, column], scores[:, column])
            if made is not None:
                found[name][labels[column]] = made
    return found


def _curve(x: npt.NDArray[Any], y: npt.NDArray[Any], area: float) -> Curve:
    keep = thinned(x, y)
    return {"x": x[keep].tolist(), "y": y[keep].tolist(), "area": area}


def thinned(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """At most `POINTS` positions, evenly along the drawn line, both ends among them."""
    if len(x) <= POINTS:
        return np.arange(len(x))
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    picked = np.searchsorted(way, np.linspace(0.0, way[-1], POINTS - 1))
    return np.unique(np.concatenate((picked.clip(0, len(x) - 1), [len(x) - 1])))
