"""Binary cross-entropy for each label of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits, row_units, weighted
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
        if "weight" in batch:
            return weighted(self.losses(model, batch), batch)
        values, total = self._entropy(model, batch, "sum")
        return total / values.shape[1]

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self._entropy(model, batch, "none")[1].mean(1)

    def _entropy(
        self, model: nn.Module, batch: Batch, reduction: str
    ) -> tuple[torch.Tensor, torch.Tensor]:
        from torch.nn import functional

        labels = batch["labels"] * (1 - self.smoothing) + 0.5 * self.smoothing
        values = logits(model, batch)
        found = functional.binary_cross_entropy_with_logits(values, labels, reduction=reduction)
        return values, found

    def units(self, batch: Batch) -> float:
        return row_units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`scores` [B, L]: probability of each label."""
        return {"scores": logits(model, batch).sigmoid(), "label": batch["labels"]}


@part("objective", MultiLabelSpec)
def multi_label(
    spec: MultiLabelSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Binary cross-entropy with the recipe's smoothing."""
    return MultiLabel(label_smoothing)
