"""The metric that chooses the model says little of what matters."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from accord.diagnose.finding import Figure, Finding, Looking, Remedy, fine, percent
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Problem

BLIND = ("accuracy", "f1_micro", "precision_micro", "recall_micro", "f1_weighted", "loss")
"""Metrics that a model reaches by serving the frequent classes."""


class Metric(Looking):
    """Early stopping and `keep: best` watch a metric that rare classes hardly move, or results have
    no intervals."""

    title: ClassVar[str] = "Evaluation metric"
    place: ClassVar[int] = 10
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "multi-label", "token-label")
    kind: Literal["metric"] = "metric"
    ratio: float = Field(default=3.0, gt=1)
    """Rows of the most frequent class for one of the rarest, from which classes are unequal."""


@part("problem", Metric)
def metric(spec: Metric, seen: Seen) -> Finding:
    """Judged by the metric in use, the share of the most frequent class, and the intervals."""
    counts = sorted(seen.weights.values())
    stopping = seen.recipe.train.early_stopping
    watched = (stopping.metric if stopping else None) or seen.task.metric
    if not counts:
        return fine(f"The model is chosen by {watched}.")
    share = counts[-1] / sum(counts)
    figure = Figure("reached by always naming the most frequent class", share, "share")
    unequal = counts[-1] >= spec.ratio * counts[0] and len(counts) > 1
    if unequal and watched in BLIND:
        return Finding(
            "found",
            f"The model is chosen by {watched}, and one that always names the most frequent class "
            f"is right in {percent(share)} of the rows: rare classes hardly count.",
            (figure,),
            "high" if share >= 0.8 else "medium",
            (
                Remedy(
                    "Choose the model by a metric in which every class counts alike.",
                    {"train": {"early_stopping": {"metric": seen.task.metric}}},
                ),
            ),
        )
    if seen.recipe.evaluate.resamples == 0:
        return Finding(
            "found",
            "Results have no confidence intervals, so differences cannot be told from chance.",
            (figure,),
            "low",
            (Remedy("Let the test rows be resampled.", {"evaluate": {"resamples": 1000}}),),
        )
    return fine(f"The model is chosen by {watched}; every class is also judged by itself.", figure)
