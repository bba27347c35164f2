"""When validation no longer improves."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from accord.errors import RecipeError


@dataclass(frozen=True, slots=True)
class Standing:
    """The best validation so far and how many evaluations have passed since."""

    step: int | None = None
    value: float | None = None
    since: int = 0

    def judged(self, metrics: Mapping[str, float | None], step: int, rule: Rule) -> Standing:
        """The standing after one more evaluation.

        Raises:
            RecipeError: The metric is not among those of this task.
        """
        if rule.metric not in metrics:
            raise RecipeError(
                f"validation has no metric {rule.metric!r}",
                code="metric-unknown",
                path="train.early_stopping.metric",
                got=rule.metric,
                expected=", ".join(sorted(metrics)),
                fix="choose one of these",
            )
        value = metrics[rule.metric]
        if value is not None and math.isfinite(value) and rule.improves(value, self.value):
            return Standing(step, value, 0)
        return replace(self, since=self.since + 1)


@dataclass(frozen=True, slots=True)
class Rule:
    """What counts as better; `patience` None never stops."""

    metric: str
    lower_is_better: bool
    min_delta: float = 0.0
    patience: int | None = None

    def improves(self, value: float, best: float | None) -> bool:
        if best is None:
            return True
        gain = best - value if self.lower_is_better else value - best
        return gain > self.min_delta

    def stops(self, standing: Standing) -> bool:
        return self.patience is not None and standing.since >= self.patience
