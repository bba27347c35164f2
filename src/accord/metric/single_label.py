"""The single-label scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from accord.metric.calibration import (
    calibration_error,
    probabilities,
    reliability,
    row_brier,
    row_losses,
)
from accord.metric.counts import (
    Counts,
    averaged_rates,
    balanced_accuracy,
    matthews,
    positive_rates,
    rates_of,
    tally,
)
from accord.metric.curves import curves_of, pr_of, roc_of
from accord.metric.decision import likeliest
from accord.metric.ranking import ranked, ranking_areas
from accord.metric.scorer import Columns, Floats, Resampled, Scorer, Scores, only_finite
from accord.part import Spec, part

RATES = ("precision", "recall", "f1")
AVERAGES = ("micro", "macro", "weighted")


class SingleLabel(Spec):
    """Accuracy, precision, recall, F1, ROC-AUC, PR-AUC, MCC, log-loss, Brier, calibration."""

    kind: Literal["single-label"] = "single-label"


@dataclass(frozen=True, slots=True)
class SingleLabelScorer:
    """Reads `scores` [rows, L] (class probabilities), `label` [rows] (ids), and `prediction`
    [rows] (ids) where thresholds decided; ranking and calibration look at `scores` alone."""

    labels: tuple[str, ...]
    bins: int

    @property
    def cost(self) -> int:
        return 1 if len(self.labels) == 2 else len(self.labels)

    def scores(self, columns: Columns) -> Scores:
        chances, truth = probabilities(columns["scores"]), columns["label"].astype(np.int64)
        guess = likeliest(columns, chances)
        metrics, undefined = _decided(truth, guess, self.labels)
        per_class = _per_class(truth, guess, chances, self.labels)
        ranks, why = self._ranked(truth, per_class)
        one = np.ones((len(truth), 1))
        sure = chances.argmax(1) == truth
        ece = calibration_error(chances.max(1), sure, one, self.bins)[0]
        metrics |= ranks | {
            "log_loss": float(row_losses(chances, truth).mean()),
            "brier": float(row_brier(chances, truth).mean()),
            "ece": float(ece),
        }
        counts = _confusion(truth, guess, len(self.labels))
        confusion = {"labels": list(self.labels), "counts": counts}
        return Scores(metrics, undefined | why, per_class, confusion)

    def _ranked(
        self, truth: npt.NDArray[Any], per_class: Mapping[str, Mapping[str, float | None]]
    ) -> tuple[dict[str, float | None], dict[str, str]]:
        chosen = self.labels[1:] if len(self.labels) == 2 else self.labels
        metrics: dict[str, float | None] = {}
        undefined: dict[str, str] = {}
        for name in ("roc_auc", "pr_auc"):
            values = [per_class[label][name] for label in chosen]
            known = [value for value in values if value is not None]
            metrics[name] = float(np.mean(known)) if len(known) == len(values) else None
            if metrics[name] is None:
                lacking = [la for i, la in enumerate(self.labels) if not (truth == i).any()]
                undefined[name] = f"no row of {_named(lacking)} in this split"
        return metrics, undefined

    def resampled(self, columns: Columns) -> Resampled:
        chances, truth = probabilities(columns["scores"]), columns["label"].astype(np.int64)
        guess, size = likeliest(columns, chances), len(self.labels)
        sure = chances.argmax(1) == truth
        losses = np.stack([row_losses(chances, truth), row_brier(chances, truth)])
        chosen = [1] if size == 2 else list(range(size))
        orders = [ranked(truth == i, chances[:, i]) for i in chosen]

        def values(counts: Floats) -> dict[str, Floats]:
            rows = counts.sum(0)
            hit = guess == truth
            tallied = Counts(
                tally(truth[hit], size, counts[hit]),
                tally(guess, size, counts),
                tally(truth, size, counts),
            )
            found = averaged_rates(tallied)
            plain = {name: found[f"{name}_macro"] for name in RATES}
            found |= positive_rates(tallied) if size == 2 else plain
            areas = np.array([ranking_areas(order, counts) for order in orders]).mean(0)
            mean_loss, mean_brier = losses @ counts / rows
            return found | {
                "accuracy": tallied.hits.sum(0) / rows,
                "balanced_accuracy": balanced_accuracy(tallied),
                "mcc": matthews(tallied),
                "roc_auc": areas[0],
                "pr_auc": areas[1],
                "log_loss": mean_loss,
                "brier": mean_brier,
                "ece": calibration_error(chances.max(1), sure, counts, self.bins),
            }

        return values

    def curves(self, columns: Columns) -> dict[str, Any]:
        chances, truth = probabilities(columns["scores"]), columns["label"].astype(np.int64)
        confidence, hit = chances.max(1), chances.argmax(1) == truth
        shown = {"reliability": reliability(confidence, hit, self.bins)}
        hot = truth[:, None] == np.arange(len(self.labels))
        if len(self.labels) == 2:
            return curves_of(hot[:, 1:], chances[:, 1:], list(self.labels[1:])) | shown
        return curves_of(hot, chances, list(self.labels)) | shown

    def rows(self, columns: Columns) -> dict[str, Any]:
        chances, truth = probabilities(columns["scores"]), columns["label"].astype(np.int64)
        names = np.array(self.labels, dtype=object)
        guess = likeliest(columns, chances)
        found: dict[str, Any] = {"label": names[truth], "prediction": names[guess]}
        for position, label in enumerate(self.labels):
            found[f"score_{label}"] = columns["scores"][:, position].astype(np.float32)
        return found | {"loss": row_losses(chances, truth)}

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        ids = {label: position for position, label in enumerate(self.labels)}
        scores = np.stack([np.asarray(rows[f"score_{label}"]) for label in self.labels], 1)
        found = {name: np.array([ids[la] for la in rows[name]]) for name in ("label", "prediction")}
        return found | {"scores": scores}


def _decided(
    truth: npt.NDArray[Any], guess: npt.NDArray[Any], labels: Sequence[str]
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Metrics of the predicted class alone."""
    from sklearn import metrics as sk

    found: dict[str, float | None] = {
        "accuracy": float(sk.accuracy_score(truth, guess)),
        # Mean recall over the classes that have rows is what balanced accuracy is.
        "balanced_accuracy": float(rates_of(truth, guess, "macro", np.unique(truth))[1]),
    }
    undefined: dict[str, str] = {}
    for average in AVERAGES:
        rates = rates_of(truth, guess, average)
        found |= {f"{name}_{average}": float(rates[i]) for i, name in enumerate(RATES)}
    if len(labels) == 2:
        rates = rates_of(truth, guess, "macro", [1])
        found |= {name: float(rates[i]) for i, name in enumerate(RATES)}
        if not (truth == 1).any():
            for name in ("recall", "f1"):
                found[name] = None
                undefined[name] = f"no row of {_named(labels[1:])} in this split"
    else:
        found |= {name: found[f"{name}_macro"] for name in RATES}
    if truth.min() == truth.max():
        found["mcc"] = None
        undefined["mcc"] = f"all rows of this split are {labels[int(truth[0])]!r}"
    else:
        found["mcc"] = float(sk.matthews_corrcoef(truth, guess))
    return found, undefined


def _per_class(
    truth: npt.NDArray[Any], guess: npt.NDArray[Any], chances: Floats, labels: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    ids = list(range(len(labels)))
    rates = rates_of(truth, guess, None, ids)
    found: dict[str, dict[str, float | None]] = {}
    for i, label in enumerate(labels):
        roc, pr = roc_of(truth == i, chances[:, i]), pr_of(truth == i, chances[:, i])
        found[label] = {
            **only_finite(dict(zip(RATES, rates[:3, i].tolist(), strict=True))),
            "support": int(rates[3, i]),
            "roc_auc": roc["area"] if roc else None,
            "pr_auc": pr["area"] if pr else None,
        }
    return found


def _confusion(truth: npt.NDArray[Any], guess: npt.NDArray[Any], size: int) -> list[list[int]]:
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(truth, guess, labels=list(range(size))).tolist()


def _named(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label) for label in labels[:3])
    return shown + (f" and {len(labels) - 3} more classes" if len(labels) > 3 else "")


@part("scorer", SingleLabel)
def single_label(spec: SingleLabel, *, labels: Sequence[str], bins: int = 15) -> Scorer:
    """Scorer of class probabilities over `labels` (in id order)."""
    return SingleLabelScorer(tuple(labels), bins)
