"""The next-token scorer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from accord.metric.counts import ratio
from accord.metric.scorer import Columns, Floats, Resampled, Scorer, Scores
from accord.part import Spec, part

LARGEST = 700.0
"""exp() of more nats than this is no float64."""


class NextTokenScores(Spec):
    """Loss, perplexity, bits per byte and token accuracy."""

    kind: Literal["next-token"] = "next-token"


@dataclass(frozen=True, slots=True)
class NextTokenScorer:
    """Reads `loss_sum` (nats), `tokens`, `correct` and `bytes` of every row, each [rows].

    `loss` is per token, `bits_per_byte` per UTF-8 byte of target text: the one that can be
    compared between tokenizers.
    """

    @property
    def cost(self) -> int:
        return 1

    def scores(self, columns: Columns) -> Scores:
        values = self.resampled(columns)(np.ones((len(columns["tokens"]), 1)))
        found = {name: float(value[0]) for name, value in values.items()}
        metrics = {name: value if math.isfinite(value) else None for name, value in found.items()}
        metrics["tokens"] = float(columns["tokens"].sum())
        why = {"bits_per_byte": "no bytes of target text in this split"}
        undefined = {
            name: why.get(name, "no target tokens in this split")
            for name, value in metrics.items()
            if value is None
        }
        return Scores(metrics, undefined)

    def resampled(self, columns: Columns) -> Resampled:
        names = ("loss_sum", "tokens", "correct", "bytes")
        sums = np.stack([columns[name].astype(np.float64) for name in names])

        def values(counts: Floats) -> dict[str, Floats]:
            losses, tokens, correct, size = sums @ counts
            loss = ratio(losses, tokens, np.nan)
            return {
                "loss": loss,
                "perplexity": np.exp(np.minimum(loss, LARGEST)),
                "bits_per_byte": ratio(losses, size * math.log(2), np.nan),
                "token_accuracy": ratio(correct, tokens, np.nan),
            }

        return values

    def curves(self, columns: Columns) -> dict[str, Any]:
        return {}

    def rows(self, columns: Columns) -> dict[str, Any]:
        tokens = columns["tokens"].astype(np.float64)
        return {
            "log_loss": columns["loss_sum"].astype(np.float64),
            "tokens": columns["tokens"].astype(np.int64),
            "correct": columns["correct"].astype(np.int64),
            "bytes": columns["bytes"].astype(np.int64),
            "loss": ratio(columns["loss_sum"].astype(np.float64), tokens),
        }

    def restored(self, rows: Mapping[str, Any]) -> Columns:
        named = {"loss_sum": "log_loss", "tokens": "tokens", "correct": "correct", "bytes": "bytes"}
        return {name: np.asarray(rows[source]) for name, source in named.items()}


@part("scorer", NextTokenScores)
def next_token(spec: NextTokenScores, *, labels: Sequence[str], bins: int = 15) -> Scorer:
    """Scorer of language models."""
    return NextTokenScorer()
