"""How a model's probabilities become answers: the likeliest class, or what its thresholds say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Decision:
    """One factor for each class; all 1 is what is done without thresholds.

    One label a row: the class with the greatest probability times factor. Several: each label
    whose probability is at least its threshold, `1 / (1 + factor)`.

    Args:
        several: Whether rows have several labels.
        factors: Of the classes. Shape [L].
    """

    several: bool
    factors: tuple[float, ...]

    def __call__(self, scores: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Class ids [rows], or which labels rows have [rows, L], from probabilities [rows, L]."""
        chances = scores.astype(np.float64)
        if self.several:
            return chances >= 1 / (1 + np.asarray(self.factors))
        return (chances * np.asarray(self.factors)).argmax(1)


def decision_of(facts: Mapping[str, Any]) -> Decision | None:
    """The decision that a model carries in its `accord.json`; None without thresholds."""
    found = facts.get("thresholds")
    if found is None:
        return None
    # Of tags thresholds are those of entity types; `tags` spells them out.
    factors = tuple(float(found.get("tags", found["factors"])[name]) for name in facts["labels"])
    return Decision(facts["problem"] == "multi-label", factors)
