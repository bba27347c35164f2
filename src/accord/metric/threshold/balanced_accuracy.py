"""Thresholds for the mean recall of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from accord.metric.counts import Counts, balanced_accuracy
from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Best, ThresholdSpec
from accord.part import part


class BalancedAccuracy(ThresholdSpec):
    """The highest mean recall of the classes (for two: Youden's index)."""

    kind: Literal["balanced-accuracy"] = "balanced-accuracy"


@part("threshold", BalancedAccuracy)
def mean_recall(spec: BalancedAccuracy, names: Sequence[str]) -> Aim:
    """Mean recall of the classes that have rows."""

    def measure(counts: Counts, cost: Floats) -> Floats:
        return balanced_accuracy(counts)

    return Best(measure)
