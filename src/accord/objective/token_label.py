"""Cross-entropy over the tags of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits, weighted
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class TokenLabelSpec(Spec):
    """Cross-entropy over the first sub-word of every word."""

    kind: Literal["token-label"] = "token-label"


@dataclass(frozen=True, slots=True)
class TokenLabel:
    """Cross-entropy summed over labelled tokens; a batch's unit is a labelled token."""

    smoothing: float = 0.0

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        if "weight" in batch:
            return weighted(self.losses(model, batch), batch)
        return self._entropy(model, batch, "sum")

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self._entropy(model, batch, "none").view_as(batch["labels"]).sum(1)

    def _entropy(self, model: nn.Module, batch: Batch, reduction: str) -> torch.Tensor:
        from torch.nn import functional

        return functional.cross_entropy(
            logits(model, batch).flatten(0, 1),
            batch["labels"].flatten(),
            label_smoothing=self.smoothing,
            reduction=reduction,
        )

    def units(self, batch: Batch) -> float:
        counts = (batch["labels"] != -100).sum(1)
        return float((counts * batch["weight"]).sum() if "weight" in batch else counts.sum())

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`prediction`, `label` [B, T] and `loss` [B]; -100 where no tag is due."""
        from torch.nn import functional

        values, labels = logits(model, batch), batch["labels"]
        losses = functional.cross_entropy(values.flatten(0, 1), labels.flatten(), reduction="none")
        due = labels != -100
        return {
            "prediction": values.argmax(-1).where(due, -100),
            "label": labels,
            "loss": losses.view_as(labels).sum(1) / due.sum(1).clamp(min=1),
        }


@part("objective", TokenLabelSpec)
def token_label(
    spec: TokenLabelSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Token cross-entropy with the recipe's smoothing."""
    return TokenLabel(label_smoothing)
