"""Thresholds for the recall of a class at a precision that must be held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from accord.metric.counts import Counts, class_rates
from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Best, ThresholdSpec, position
from accord.part import part


class RecallAtPrecision(ThresholdSpec):
    """The highest recall of a class whose precision is at least so much."""

    kind: Literal["recall-at-precision"] = "recall-at-precision"
    precision: float = Field(default=0.9, gt=0, le=1)
    of: str | None = None
    """The class; of two the second by default."""

    @property
    def smooths(self) -> bool:
        return False

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.of is None else (self.of,)


class PrecisionAtRecall(ThresholdSpec):
    """The highest precision of a class whose recall is at least so much."""

    kind: Literal["precision-at-recall"] = "precision-at-recall"
    recall: float = Field(default=0.9, gt=0, le=1)
    of: str | None = None
    """The class; of two the second by default."""

    @property
    def smooths(self) -> bool:
        return False

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.of is None else (self.of,)


@part("threshold", RecallAtPrecision)
def recall_at_precision(spec: RecallAtPrecision, names: Sequence[str]) -> Aim:
    """Recall where the precision is held; where it nowhere is, the nearest to it."""
    return _held("recall", "precision", spec.precision, position(names, spec.of))


@part("threshold", PrecisionAtRecall)
def precision_at_recall(spec: PrecisionAtRecall, names: Sequence[str]) -> Aim:
    """Precision where the recall is held."""
    return _held("precision", "recall", spec.recall, position(names, spec.of))


def _held(name: str, other: str, least: float, chosen: int) -> Aim:
    def measure(counts: Counts, cost: Floats) -> Floats:
        rates = class_rates(counts)
        met = rates[other][chosen] - least
        return np.where(met >= -1e-12, rates[name][chosen], met)

    return Best(measure, moved=(chosen,))
