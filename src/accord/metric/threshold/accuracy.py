"""Thresholds for the share of rows that are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from accord.metric.counts import Counts
from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Best, ThresholdSpec
from accord.part import part


class Accuracy(ThresholdSpec):
    """The highest share of right answers; helps where training rows were balanced on purpose."""

    kind: Literal["accuracy"] = "accuracy"


@part("threshold", Accuracy)
def accuracy(spec: Accuracy, names: Sequence[str]) -> Aim:
    """Hits over rows."""

    def measure(counts: Counts, cost: Floats) -> Floats:
        return counts.hits.sum(0) / counts.actual.sum(0)

    return Best(measure)
