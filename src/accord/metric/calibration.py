"""Whether probabilities mean what they say: ECE, reliability, Brier, log-loss per row."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from accord.metric.counts import ratio, tally
from accord.metric.scorer import Floats

SMALLEST = float(np.finfo(np.float32).eps)
"""Scores come from fp32; a probability below this is rounded to it before its logarithm."""


def probabilities(scores: npt.NDArray[Any]) -> Floats:
    """Class probabilities [rows, L] in float64 that sum to one exactly enough."""
    values = scores.astype(np.float64)
    return values / values.sum(1, keepdims=True)


def row_losses(chances: Floats, labels: npt.NDArray[Any]) -> Floats:
    """Negative log-likelihood of each row's label in nats, [rows]."""
    picked = np.take_along_axis(chances, labels[:, None].astype(np.int64), 1)[:, 0]
    return -np.log(np.clip(picked, SMALLEST, 1 - SMALLEST))


def label_losses(chances: Floats, truth: npt.NDArray[Any]) -> Floats:
    """Binary cross-entropy of every label in nats, [rows, L]."""
    clipped = np.clip(chances, SMALLEST, 1 - SMALLEST)
    return -np.where(truth > 0.5, np.log(clipped), np.log1p(-clipped))


def row_brier(chances: Floats, labels: npt.NDArray[Any]) -> Floats:
    """Squared error of the probabilities, [rows]; halved for two classes, as is usual there."""
    picked = np.take_along_axis(chances, labels[:, None].astype(np.int64), 1)[:, 0]
    total = (chances**2).sum(1) - 2 * picked + 1
    return total / 2 if chances.shape[1] == 2 else total


def bin_of(confidence: Floats, bins: int) -> npt.NDArray[np.int64]:
    """Index of the equal-width bin (low, high] of each confidence, 0 in the first. [rows]."""
    return np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)


def calibration_error(
    confidence: Floats, correct: npt.NDArray[Any], counts: Floats, bins: int
) -> Floats:
    """Expected calibration error (Guo et al., 2017), [R].

    Args:
        confidence: Probability given to the prediction, [rows].
        correct: Whether it was right, [rows].
        counts: How often each row was drawn, [rows, R].
        bins: Equal-width bins of confidence.
    """
    from scipy.sparse import csr_array

    rows = np.arange(len(confidence))
    gap = correct.astype(np.float64) - confidence
    table = csr_array((gap, (bin_of(confidence, bins), rows)), shape=(bins, len(rows)))
    return ratio(np.abs(np.asarray(table @ counts)).sum(0), counts.sum(0), np.nan)


def reliability(confidence: Floats, correct: npt.NDArray[Any], bins: int) -> dict[str, list[Any]]:
    """Mean `confidence`, `accuracy` and `count` of every bin that holds a row."""
    place = bin_of(confidence, bins)
    one = np.ones((len(place), 1))
    count = tally(place, bins, one)[:, 0]
    held = count > 0
    sums = tally(place, bins, np.stack([confidence, correct.astype(np.float64)], 1))[held]
    means = sums / count[held, None]
    return {
        "confidence": means[:, 0].tolist(),
        "accuracy": means[:, 1].tolist(),
        "count": count[held].astype(int).tolist(),
    }
