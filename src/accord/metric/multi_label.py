"""The multi-label scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from accord.metric.calibration import calibration_error, label_losses, reliability
from accord.metric.counts import Counts, averaged_rates, rates_of
from accord.metric.curves import curves_of, pr_of, roc_of
from accord.metric.decision import held
from accord.metric.ranking import ranked, ranking_areas
from accord.metric.scorer import Columns, Floats, Resampled, Scorer, Scores
from accord.part import Spec, part

RATES = ("precision", "recall", "f1")
AVERAGES = ("micro", "macro", "weighted")


class MultiLabelScores(Spec):
    """Subset accuracy, precision, recall, F1, ROC-AUC and PR-AUC (macro, micro), calibration."""

    kind: Literal["multi-label"] = "multi-label"


@dataclass(frozen=True, slots=True)
class MultiLabelScorer:
    """Reads `scores` [rows, L] (probability of each label) and `label` [rows, L] of 0/1.

    A label is predicted from probability 0.5, or as `prediction` [rows, L] says where thresholds
    decided; ranking and calibration look at `scores` alone. `accuracy` is that of the
    whole set of a row; the plain `precision`, `recall`, `f1`, `roc_auc`, `pr_auc` are macro
    averages.
    """

    labels: tuple[str, ...]
    bins: int

    @property
    def cost(self) -> int:
        return 3 * len(self.labels)

    def scores(self, columns: Columns) -> Scores:
        truth, chances = _read(columns)
        guess = held(columns, chances)
        found: dict[str, float | None] = {"accuracy": float((truth == guess).all(1).mean())}
        for average in AVERAGES:
            rates = _rates(truth, guess, average)
            found |= {f"{name}_{average}": float(rates[i]) for i, name in enumerate(RATES)}
        found |= {name: found[f"{name}_macro"] for name in RATES}
        rates = _rates(truth, guess, None)
        per_class: dict[str, dict[str, float | None]] = {}
        undefined: dict[str, str] = {}
        for i, label in enumerate(self.labels):
            values = {name: float(rates[j, i]) for j, name in enumerate(RATES)}
            areas = _areas(truth[:, i], chances[:, i])
            per_class[label] = {**values, "support": int(rates[3, i]), **areas}
        flat = _areas(truth.ravel(), chances.ravel())
        for name in ("roc_auc", "pr_auc"):
            areas = [per_class[label][name] for label in self.labels]
            known = [area for area in areas if area is not None]
            found[name] = float(np.mean(known)) if len(known) == len(areas) else None
            found[f"{name}_micro"] = flat[name]
            if found[name] is None:
                bad = [la for la, area in zip(self.labels, areas, strict=True) if area is None]
                undefined[name] = f"{bad[0]!r} has rows of one kind only in this split"
            if flat[name] is None:
                undefined[f"{name}_micro"] = "all labels have rows of one kind only"
        found["log_loss"] = float(label_losses(chances, truth).mean())
        found["brier"] = float(((chances - truth) ** 2).mean())
        one = np.ones((truth.size, 1))
        sure, hit = np.maximum(chances, 1 - chances).ravel(), ((chances >= 0.5) == truth).ravel()
        found["ece"] = float(calibration_error(sure, hit, one, self.bins)[0])
        return Scores(found, undefined, per_class)

    def resampled(self, columns: Columns) -> Resampled:
        truth, chances = _read(columns)
        guess = held(columns, chances)
        exact = (truth == guess).all(1).astype(float)
        losses = label_losses(chances, truth).mean(1)
        errors = ((chances - truth) ** 2).mean(1)
        sure, hit = np.maximum(chances, 1 - chances).ravel(), ((chances >= 0.5) == truth).ravel()
        orders = [ranked(truth[:, i], chances[:, i]) for i in range(len(self.labels))]
        together = ranked(truth.ravel(), chances.ravel())

        def values(counts: Floats) -> dict[str, Floats]:
            rows = counts.sum(0)
            tallied = Counts(
                (truth & guess).T.astype(float) @ counts,
                guess.T.astype(float) @ counts,
                truth.T.astype(float) @ counts,
            )
            found = averaged_rates(tallied, every=True)
            found |= {name: found[f"{name}_macro"] for name in RATES}
            areas = np.array([ranking_areas(order, counts) for order in orders]).mean(0)
            spread = np.repeat(counts, len(self.labels), axis=0)
            micro = ranking_areas(together, spread)
            mean_exact, mean_loss, mean_error = np.stack([exact, losses, errors]) @ counts / rows
            return found | {
                "accuracy": mean_exact,
                "roc_auc": areas[0],
                "pr_auc": areas[1],
                "roc_auc_micro": micro[0],
                "pr_auc_micro": micro[1],
                "log_loss": mean_loss,
                "brier": mean_error,
                "ece": calibration_error(sure, hit, spread, self.bins),
            }

        return values

    def curves(self, columns: Columns) -> dict[str, Any]:
        truth, chances = _read(columns)
        sure = np.maximum(chances, 1 - chances).ravel()
        hit = ((chances >= 0.5) == truth).ravel()
        shown = {"reliability": reliability(sure, hit, self.bins)}
        return curves_of(truth, chances, list(self.labels)) | shown

    def rows(self, columns: Columns) -> dict[str, Any]:
        truth, chances = _read(columns)
        names = np.array(self.labels, dtype=object)
        found: dict[str, Any] = {
            "label": [names[row].tolist() for row in truth],
            "prediction": [names[row].tolist() for row in held(columns, chances)],
        }
        for position, label in enumerate(self.labels):
            found[f"score_{label}"] = chances[:, position].astype(np.float32)
        return found | {"loss": label_losses(chances, truth).mean(1)}

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        scores = np.stack([np.asarray(rows[f"score_{label}"]) for label in self.labels], 1)
        found = {
            name: np.array([[label in row for label in self.labels] for row in rows[name]])
            for name in ("label", "prediction")
        }
        return {**found, "label": found["label"].astype(float), "scores": scores}


def _read(columns: Columns) -> tuple[Any, Floats]:
    return columns["label"] > 0.5, columns["scores"].astype(np.float64)


def _rates(truth: Any, guess: Any, average: str | None) -> Floats:
    if truth.shape[1] > 1:
        return rates_of(truth, guess, average)
    # scikit-learn takes a single column for two classes; here it is one label.
    return rates_of(truth[:, 0], guess[:, 0], average, [True])


def _areas(truth: Any, chances: Any) -> dict[str, float | None]:
    roc, pr = roc_of(truth, chances), pr_of(truth, chances)
    return {"roc_auc": roc["area"] if roc else None, "pr_auc": pr["area"] if pr else None}


@part("scorer", MultiLabelScores)
def multi_label(spec: MultiLabelScores, *, labels: Sequence[str], bins: int = 15) -> Scorer:
    """Scorer of independent label probabilities over `labels` (in id order)."""
    return MultiLabelScorer(tuple(labels), bins)
