"""Binary cross-entropy for each label of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class MultiLabelSpec(Spec):
    """Binary cross-entropy, averaged over the labels of a row."""

    kind: Literal["multi-label"] = "multi-label"


@dataclass(frozen=True, slots=True)
class MultiLabel:
    """Mean over labels of the binary cross-entropy; smoothing moves targets towards 0.5."""

    smoothing: float = 0.0

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        from torch.nn import functional

        labels = batch["labels"] * (1 - self.smoothing) + 0.5 * self.smoothing
        values = logits(model, batch)
        total = functional.binary_cross_entropy_with_logits(values, labels, reduction="sum")
        return total / values.shape[1]

    def units(self, batch: Batch) -> float:
        return float(batch["labels"].shape[0])

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`scores` [B, L]: probability of each label."""
        return {"scores": logits(model, batch).sigmoid(), "label": batch["labels"]}


@part("objective", MultiLabelSpec)
def multi_label(
    spec: MultiLabelSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Binary cross-entropy with the recipe's smoothing."""
    return MultiLabel(label_smoothing)
