"""Everything said about one split: metrics, intervals, classes, slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.evaluate.intervals import intervals
from accord.evaluate.slices import slice_rows
from accord.metric.scorer import Columns, Scorer, Scores, columns_at
from accord.recipe.evaluate import Evaluate

SMALL = 30
"""A slice of fewer rows is flagged: its numbers are little more than anecdote."""


def judge(
    scorer: Scorer, columns: Columns, cuts: Mapping[str, Any], spec: Evaluate, seed: int
) -> dict[str, Any]:
    """One split's entry of metrics.json.

    Args:
        scorer: Of the problem at hand.
        columns: What was collected; at least one row.
        cuts: Values of every slice column, each [rows].
        spec: Resamples and confidence.
        seed: Of the resamples.
    """
    scores = scorer.scores(columns)
    found = _measured(scorer, columns, scores, spec, seed)
    found |= {"per_class": scores.per_class, "confusion": scores.confusion, "slices": {}}
    for name, values in cuts.items():
        chosen, dropped = slice_rows(values)
        found["slices"][name] = {
            value: _slice(scorer, columns_at(columns, rows), spec, seed)
            for value, rows in chosen.items()
        }
        if dropped:
            found.setdefault("slices_left_out", {})[name] = dropped
    return found


def _slice(scorer: Scorer, columns: Columns, spec: Evaluate, seed: int) -> dict[str, Any]:
    found = _measured(scorer, columns, scorer.scores(columns), spec, seed)
    return found | {"small": found["rows"] < SMALL}


def _measured(
    scorer: Scorer, columns: Columns, scores: Scores, spec: Evaluate, seed: int
) -> dict[str, Any]:
    rows = len(next(iter(columns.values())))
    spread = intervals(
        scorer.resampled(columns),
        rows,
        resamples=spec.resamples,
        confidence=spec.confidence,
        seed=seed,
        cost=scorer.cost,
    )
    known = {name for name, value in scores.metrics.items() if value is not None}
    return {
        "rows": rows,
        "metrics": scores.metrics,
        "undefined": scores.undefined,
        "intervals": {n: list(pair) for n, pair in spread.bounds.items() if n in known},
        "resamples": spread.resamples,
    }


def undecided(scorer: Scorer, columns: Columns) -> dict[str, Any]:
    """What the likeliest class, without the model's thresholds, would have been worth."""
    scores = scorer.scores(columns)
    return {"metrics": scores.metrics, "per_class": scores.per_class}


def empty() -> dict[str, Any]:
    """The entry of a split without rows."""
    return {
        "rows": 0,
        "metrics": {},
        "undefined": {},
        "intervals": {},
        "resamples": 0,
        "per_class": {},
        "confusion": None,
        "slices": {},
    }
