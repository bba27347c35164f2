"""The token-label scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from accord.metric.counts import Counts, averaged_rates, class_rates, ratio
from accord.metric.scorer import Columns, Floats, Resampled, Scorer, Scores
from accord.metric.spans import IGNORED, Scheme, scheme_of, span_counts
from accord.part import Spec, part

RATES = ("precision", "recall", "f1")


class TokenLabelScores(Spec):
    """Precision, recall and F1 of whole entities, and token accuracy."""

    kind: Literal["token-label"] = "token-label"


@dataclass(frozen=True, slots=True)
class TokenLabelScorer:
    """Reads `prediction` and `label` [rows, W] (tag ids, -100 where there is none) and `loss`.

    `precision`, `recall`, `f1` count entities as conlleval and seqeval do (micro average);
    `f1_strict` is IOB2 taken strictly: an `I-` without its `B-` is no entity.
    """

    labels: tuple[str, ...]

    @property
    def cost(self) -> int:
        return 1

    def scores(self, columns: Columns) -> Scores:
        scheme = scheme_of(self.labels)
        one = np.ones((len(columns["label"]), 1))
        values = self.resampled(columns)(one)
        found = {name: float(value[0]) for name, value in values.items()}
        undefined: dict[str, str] = {}
        metrics: dict[str, float | None] = dict(found)
        counts = _summed(columns, scheme, one)
        if not counts.actual.any():
            for name in values:
                if name.startswith(("recall", "f1")):
                    metrics[name] = None
                    undefined[name] = "no entity in this split"
        if np.isnan(found["token_accuracy"]):
            metrics |= {"token_accuracy": None, "loss": None}
            undefined |= dict.fromkeys(("token_accuracy", "loss"), "no tagged word in this split")
        rates = class_rates(counts)
        per_class: dict[str, dict[str, float | None]] = {
            kind: {
                **{name: float(rates[name][i, 0]) for name in RATES},
                "support": int(counts.actual[i, 0]),
            }
            for i, kind in enumerate(scheme.types)
        }
        return Scores(metrics, undefined, per_class, self._confusion(columns))

    def resampled(self, columns: Columns) -> Resampled:
        scheme = scheme_of(self.labels)
        label, guess = columns["label"], columns["prediction"]
        due = label != IGNORED
        words = due.sum(1).astype(np.float64)
        right = ((label == guess) & due).sum(1).astype(np.float64)
        sums = np.stack([words, right, columns["loss"].astype(np.float64) * words])
        spans = [np.asarray(c, float) for c in span_counts(guess, label, scheme)]
        strict = [np.asarray(c, float) for c in span_counts(guess, label, scheme, strict=True)]

        def values(counts: Floats) -> dict[str, Floats]:
            tallied = Counts(*(table.T @ counts for table in spans))
            found = averaged_rates(tallied)
            strictly = averaged_rates(Counts(*(table.T @ counts for table in strict)))
            total, hits, losses = sums @ counts
            return {
                **found,
                **{name: found[f"{name}_micro"] for name in RATES},
                "f1_strict": strictly["f1_micro"],
                "token_accuracy": ratio(hits, total, np.nan),
                "loss": ratio(losses, total, np.nan),
            }

        return values

    def _confusion(self, columns: Columns) -> dict[str, Any]:
        due = columns["label"] != IGNORED
        size = len(self.labels)
        place = columns["label"][due].astype(np.int64) * size + columns["prediction"][due]
        counts = np.bincount(place, minlength=size * size).reshape(size, size)
        return {"labels": list(self.labels), "counts": counts.tolist()}

    def curves(self, columns: Columns) -> dict[str, Any]:
        return {}

    def rows(self, columns: Columns) -> dict[str, Any]:
        due = columns["label"] != IGNORED
        return {
            "label": self._named(columns["label"], due),
            "prediction": self._named(columns["prediction"], due),
            "loss": columns["loss"].astype(np.float64),
        }

    def _named(self, ids: npt.NDArray[Any], due: npt.NDArray[np.bool_]) -> list[list[str]]:
        names = np.array(self.labels, dtype=object)
        return [names[row[kept]].tolist() for row, kept in zip(ids, due, strict=True)]

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        ids = {label: position for position, label in enumerate(self.labels)}
        width = max((len(row) for row in rows["label"]), default=0)

        def padded(lists: Sequence[Sequence[str]]) -> npt.NDArray[np.int64]:
            table = np.full((len(lists), width), IGNORED, dtype=np.int64)
            for position, tags in enumerate(lists):
                table[position, : len(tags)] = [ids[tag] for tag in tags]
            return table

        return {
            "label": padded(rows["label"]),
            "prediction": padded(rows["prediction"]),
            "loss": np.asarray(rows["loss"]),
        }


def _summed(columns: Columns, scheme: Scheme, counts: Floats) -> Counts:
    tables = span_counts(columns["prediction"], columns["label"], scheme)
    return Counts(*(table.T.astype(np.float64) @ counts for table in tables))


@part("scorer", TokenLabelScores)
def token_label(spec: TokenLabelScores, *, labels: Sequence[str], bins: int = 15) -> Scorer:
    """Scorer of tagged words over the tags `labels` (in id order)."""
    return TokenLabelScorer(tuple(labels))
