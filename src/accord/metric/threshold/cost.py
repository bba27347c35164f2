"""Thresholds for the least cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from accord.metric.counts import Counts
from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Best, ThresholdSpec
from accord.part import part


class Cost(ThresholdSpec):
    """The least mean cost of a row, `of: [[malignant, benign, 10]]`: a malignant row that is taken
    for benign costs 10. Other mistakes cost 1, what is right nothing."""

    kind: Literal["cost"] = "cost"
    of: tuple[tuple[str, str, float], ...] = Field(min_length=1)
    """True class, predicted class, cost. Of several labels `""` stands for the lack of one."""

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(name for *names, _ in self.of for name in names)

    @field_validator("of")
    @classmethod
    def _mistakes(
        cls, found: tuple[tuple[str, str, float], ...]
    ) -> tuple[tuple[str, str, float], ...]:
        if any(cost < 0 or true == guess for true, guess, cost in found):
            raise ValueError("a cost is at least 0, and of two different classes")
        return found


@part("threshold", Cost)
def cost(spec: Cost, names: Sequence[str]) -> Aim:
    """Costs as a matrix."""
    costs = 1.0 - np.eye(len(names))
    for true, guess, amount in spec.of:
        if names[0] == "" and {true, guess} != set(names):
            continue  # another label's
        costs[list(names).index(true), list(names).index(guess)] = amount

    def measure(counts: Counts, cost: Floats) -> Floats:
        return -cost

    return Best(measure, costs)
