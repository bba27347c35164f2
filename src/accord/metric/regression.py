"""The regression scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from accord.metric.counts import ratio
from accord.metric.curves import POINTS
from accord.metric.scorer import Columns, Floats, Resampled, Scorer, Scores
from accord.part import Spec, part


class RegressionScores(Spec):
    """MAE, RMSE and R2, in the target's own unit."""

    kind: Literal["regression"] = "regression"


@dataclass(frozen=True, slots=True)
class RegressionScorer:
    """Reads `prediction` and `label` [rows], in the target's own unit."""

    @property
    def cost(self) -> int:
        return 1

    def scores(self, columns: Columns) -> Scores:
        from sklearn import metrics as sk

        truth, guess = _read(columns)
        found: dict[str, float | None] = {
            "mae": float(sk.mean_absolute_error(truth, guess)),
            "rmse": float(sk.root_mean_squared_error(truth, guess)),
        }
        if truth.min() == truth.max():
            why = "all targets of this split are equal"
            return Scores(found | {"r2": None}, {"r2": why})
        return Scores(found | {"r2": float(sk.r2_score(truth, guess))})

    def resampled(self, columns: Columns) -> Resampled:
        truth, guess = _read(columns)
        error = guess - truth
        # R2 does not change with the origin; near zero the sums of squares lose no digits.
        centred = truth - truth.mean()
        sums = np.stack([np.abs(error), error**2, centred, centred**2])

        def values(counts: Floats) -> dict[str, Floats]:
            rows = counts.sum(0)
            absolute, squared, first, second = sums @ counts
            spread = second - first**2 / rows
            constant = spread <= 1e-12 * np.maximum(second, 1e-300)
            r2 = 1 - ratio(squared, np.where(constant, 0.0, spread), np.nan)
            return {"mae": absolute / rows, "rmse": np.sqrt(squared / rows), "r2": r2}

        return values

    def curves(self, columns: Columns) -> dict[str, Any]:
        """`scatter`: `target` and `prediction` of up to 200 rows, evenly over the targets."""
        truth, guess = _read(columns)
        order = np.argsort(truth, kind="stable")
        size = min(POINTS, len(order))
        picked = order[np.linspace(0, len(order) - 1, size).round().astype(int)]
        return {"scatter": {"target": truth[picked].tolist(), "prediction": guess[picked].tolist()}}

    def rows(self, columns: Columns) -> dict[str, Any]:
        truth, guess = _read(columns)
        return {"target": truth, "prediction": guess, "loss": (guess - truth) ** 2}

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        return {"label": np.asarray(rows["target"]), "prediction": np.asarray(rows["prediction"])}


def _read(columns: Columns) -> tuple[Floats, Floats]:
    return columns["label"].astype(np.float64), columns["prediction"].astype(np.float64)


@part("scorer", RegressionScores)
def regression(spec: RegressionScores, *, labels: Sequence[str], bins: int = 15) -> Scorer:
    """Scorer of predicted numbers."""
    return RegressionScorer()
