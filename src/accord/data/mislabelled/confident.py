"""Confident learning (Northcutt, Jiang and Chuang, 2021, arXiv:1911.00068): which labels are wrong,
from predicted probabilities of rows that the predictor has not learned from."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]
Chances = npt.NDArray[np.float64]
Rule = Literal["noise-rate", "class", "both", "confident"]
NEARLY = 1e-6


def confident_joint(given: Labels, chances: Chances) -> npt.NDArray[np.int64]:
    """How many rows with each given label (row) have each true one (column), estimated.

    A row counts for the class it is predicted to have with at least the mean probability that rows
    given this label have of it (equation 1); the counts are then scaled to the number of rows with
    each label (equation 3) and rounded, each row of the matrix keeping its sum.
    """
    classes = chances.shape[1]
    sizes = np.bincount(given, minlength=classes)
    believed = _believed(given, chances)
    sure = believed >= 0
    joint = np.zeros((classes, classes))
    np.add.at(joint, (given[sure], believed[sure]), 1)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    scaled = (joint.T / joint.sum(axis=1) * sizes).T
    scaled = scaled / scaled.sum() * len(given)
    return np.stack([_rounded(row) for row in scaled])


def wrong_labels(given: Labels, chances: Chances, rule: Rule) -> npt.NDArray[np.bool_]:
    """Which labels are wrong. Shape [n].

    Args:
        given: Shape [n].
        chances: Predicted probabilities. Shape [n, classes].
        rule: `noise-rate` takes of each pair of classes as many rows as the joint tells, those
            with the largest margin; `class` of each class as many as it tells, those least likely
            to be of it; `both` what both take; `confident` every row that counted as wrong.

    Guarantees:
        No row is wrong whose likeliest class is the given one; one row of each class stays.
    """
    if rule == "both":
        return wrong_labels(given, chances, "noise-rate") & wrong_labels(given, chances, "class")
    if rule == "confident":
        believed = _believed(given, chances)
        wrong = (believed >= 0) & (believed != given)
    else:
        wrong = _pruned(given, chances, rule)
    own = chances[np.arange(len(given)), given]
    wrong = wrong & (chances.max(axis=1) > own + NEARLY)
    for label in np.unique(given[wrong]).tolist():
        rows = np.flatnonzero(given == label)
        if wrong[rows].all():
            wrong[rows[np.argmax(own[rows])]] = False
    return wrong


def _pruned(given: Labels, chances: Chances, rule: Rule) -> npt.NDArray[np.bool_]:
    wrong = np.zeros(len(given), dtype=bool)
    for label, counts in enumerate(confident_joint(given, chances)):
        rows = np.flatnonzero(given == label)
        if len(rows) < 2:
            continue
        if rule == "class":
            order = np.argsort(chances[rows, label])
            wrong[rows[order[: len(rows) - max(counts[label], 1)]]] = True
            continue
        for other in np.flatnonzero(counts):
            if other != label:
                margin = chances[rows, other] - chances[rows, label]
                wrong[rows[np.argsort(-margin)[: counts[other]]]] = True
    return wrong


def _believed(given: Labels, chances: Chances) -> Labels:
    """The class that each row counts for; -1 where it is near none."""
    bounds = np.full(chances.shape[1], np.inf)
    for label in np.unique(given).tolist():
        bounds[label] = max(float(chances[given == label, label].mean()), 2 * NEARLY)
    near = chances >= bounds - NEARLY
    # Of several, the likeliest of all classes; Northcutt et al. break collisions so (section 3.1).
    several = near.sum(axis=1) > 1
    found = np.where(several, chances.argmax(axis=1), near.argmax(axis=1))
    return np.where(near.any(axis=1), found, -1)


def _rounded(row: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Whole numbers with the row's sum: rounded, then those changed that were rounded furthest."""
    whole = np.round(row).astype(np.int64)
    missing = round(float(row.sum())) - int(whole.sum())
    order = np.argsort(row - whole)
    whole[order[::-1][:missing] if missing > 0 else order[:-missing]] += np.sign(missing)
    return whole
