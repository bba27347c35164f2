"""Percentile bootstrap: how far a metric would move on another draw of as many rows.

A resample is a column of counts, how often each row was drawn, and every metric is a function of
counts: nothing is copied, and rankings are sorted once for all resamples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from accord.metric.scorer import Floats, Resampled

CELLS = 2_000_000
"""Counts held at once (16 MB)."""
WORK = 1_000_000_000
"""Row visits that one split's intervals may cost; beyond, there are fewer resamples."""
FEWEST = 200
UNDEFINED = 0.05
"""Share of resamples that may lack a metric; beyond, an interval would be of the lucky ones."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Confidence intervals by metric; a metric that too many resamples lack has none."""

    resamples: int
    bounds: dict[str, tuple[float, float]]


def draws(rows: int, resamples: int, seed: int) -> Iterator[Floats]:
    """Counts [rows, r] of resamples drawn with replacement, r of them at a time.

    The same arguments give the same counts: two models judged on the same rows are resampled
    in pairs.
    """
    generator = np.random.default_rng(seed)
    width = max(1, min(resamples, CELLS // max(rows, 1)))
    for start in range(0, resamples, width):
        size = min(width, resamples - start)
        drawn = generator.integers(0, rows, size=(rows, size)) * size + np.arange(size)
        counts = np.bincount(drawn.ravel(), minlength=rows * size)
        yield counts.reshape(rows, size).astype(np.float64)


def affordable(rows: int, resamples: int, cost: int) -> int:
    """How many of the wanted resamples are drawn for a scorer of this cost."""
    return min(resamples, max(FEWEST, WORK // max(rows * cost, 1)))


def distributions(metrics: Resampled, rows: int, resamples: int, seed: int) -> Mapping[str, Floats]:
    """Every metric's value in every resample, [resamples]."""
    blocks = [metrics(counts) for counts in draws(rows, resamples, seed)]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def bounds_of(values: Floats, confidence: float) -> tuple[float, float] | None:
    """Percentile interval of resampled values; None if too many are NaN."""
    known = values[np.isfinite(values)]
    if not len(known) or len(known) < (1 - UNDEFINED) * len(values):
        return None
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def intervals(
    metrics: Resampled,
    rows: int,
    *,
    resamples: int,
    confidence: float,
    seed: int,
    cost: int = 1,
) -> Intervals:
    """Percentile bootstrap intervals (Efron, 1979) over rows.

    Args:
        metrics: Metrics as functions of counts.
        rows: Rows of the split.
        resamples: Wanted resamples; 0 for no intervals. Large splits get fewer (at least 200).
        confidence: Share of resamples inside, such as 0.95.
        seed: Same seed, same intervals.
        cost: Passes over the rows that one resample takes.
    """
    if resamples == 0 or rows < 2:
        return Intervals(0, {})
    size = affordable(rows, resamples, cost)
    found: dict[str, tuple[float, float]] = {}
    for name, values in distributions(metrics, rows, size, seed).items():
        bounds = bounds_of(values, confidence)
        if bounds is not None:
            found[name] = bounds
    return Intervals(size, found)
