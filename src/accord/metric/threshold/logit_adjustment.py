"""Logit adjustment after training: no validation rows are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from accord.metric.scorer import Floats
from accord.metric.threshold.aim import Aim, Ids, Rows, ThresholdSpec
from accord.part import part


class LogitAdjustment(ThresholdSpec):
    """Probabilities over training frequencies to the power of tau (Menon et al., 2021): what the
    model would say had classes been equally frequent. Not together with a loss, weights or a
    sampler that does the same."""

    kind: Literal["logit-adjustment"] = "logit-adjustment"
    tau: float = Field(default=1.0, ge=0)
    """0 changes nothing."""

    @property
    def tunes(self) -> bool:
        return False

    @property
    def smooths(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Adjusted:
    """`(n_c / n)^-tau`; worth the mean recall."""

    tau: float

    def factors(self, rows: Rows) -> Floats:
        counts = np.maximum(rows.trained, 1.0)
        return (counts / counts.mean()) ** -self.tau

    def value(self, rows: Rows, guess: Ids) -> float:
        found = [
            np.average(guess[rows.truth == c] == c, weights=rows.weight[rows.truth == c])
            for c in range(rows.chances.shape[1])
            if rows.weight[rows.truth == c].sum() > 0
        ]
        return float(np.mean(found))


@part("threshold", LogitAdjustment)
def logit_adjustment(spec: LogitAdjustment, names: Sequence[str]) -> Aim:
    """By the counts of training rows."""
    return Adjusted(spec.tau)
