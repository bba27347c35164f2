"""Thresholds for the F1 score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from accord.metric.counts import Counts, class_rates
from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Best, ThresholdSpec, position
from accord.part import part


class F1(ThresholdSpec):
    """The highest F1: the mean over classes, or of one class; of several labels each its own."""

    kind: Literal["f1"] = "f1"
    of: str | None = None
    """A class; by default the mean over all."""

    @property
    def named(self) -> tuple[str, ...]:
        return () if self.of is None else (self.of,)


@part("threshold", F1)
def f1(spec: F1, names: Sequence[str]) -> Aim:
    """F1 of one class, or the mean."""
    one = names[0] == "" or spec.of is not None
    chosen = [position(names, spec.of)] if one else list(range(len(names)))

    def measure(counts: Counts, cost: Floats) -> Floats:
        return class_rates(counts)["f1"][chosen].mean(0)

    return Best(measure, moved=tuple(chosen))
