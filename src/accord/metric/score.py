"""Metrics of collected columns, as the training loop asks for them: no intervals, no curves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accord.metric.scorer import Columns, Scorer
from accord.part import find


def scorer_of(problem: str, labels: Sequence[str], bins: int = 15) -> Scorer:
    """The scorer of a kind of problem.

    Args:
        problem: `single-label`, `multi-label`, `token-label`, `next-token` or `regression`.
        labels: Names in id order.
        bins: Bins of confidence for calibration.
    """
    found = find("scorer", problem)
    return found(found.spec(kind=problem), labels=labels, bins=bins)


def score(problem: str, labels: Sequence[str], columns: Columns) -> dict[str, float | None]:
    """Metrics of a split.

    Args:
        problem: Kind of problem, as in `schema.json`.
        labels: Names in id order.
        columns: What `collect_scores` gives.

    Returns:
        Value by name; None where the split does not define the metric or the model's outputs
        are not finite. `loss` is there for every problem (regression: mean squared error).
    """
    if not finite(columns):
        safe = {name: np.nan_to_num(v, posinf=0.0, neginf=0.0) for name, v in columns.items()}
        if "scores" in safe:
            safe["scores"] = np.full_like(safe["scores"], 0.5)
        return dict.fromkeys(score(problem, labels, safe))
    metrics = scorer_of(problem, labels).scores(columns).metrics
    if "log_loss" in metrics:
        return metrics | {"loss": metrics["log_loss"]}
    error = metrics.get("rmse")
    return metrics if error is None else metrics | {"loss": error**2}


def finite(columns: Columns) -> bool:
    """Whether every number of every column is finite."""
    return all(np.isfinite(v).all() for v in columns.values() if v.dtype.kind == "f")
