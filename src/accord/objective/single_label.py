"""Cross-entropy over classes, one label a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits, row_units, weighted
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class SingleLabelSpec(Spec):
    """Cross-entropy."""

    kind: Literal["single-label"] = "single-label"


@dataclass(frozen=True, slots=True)
class SingleLabel:
    """Softmax cross-entropy with label smoothing (Szegedy et al., 2016)."""

    smoothing: float = 0.0

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        if "weight" in batch:
            return weighted(self.losses(model, batch), batch)
        return self._entropy(model, batch, "sum")

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self._entropy(model, batch, "none")

    def _entropy(self, model: nn.Module, batch: Batch, reduction: str) -> torch.Tensor:
        from torch.nn import functional

        return functional.cross_entropy(
            logits(model, batch),
            batch["labels"],
            label_smoothing=self.smoothing,
            reduction=reduction,
        )

    def units(self, batch: Batch) -> float:
        return row_units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`scores` [B, L]: class probabilities."""
        return {"scores": logits(model, batch).softmax(-1), "label": batch["labels"]}


@part("objective", SingleLabelSpec)
def single_label(
    spec: SingleLabelSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Cross-entropy with the recipe's smoothing."""
    return SingleLabel(label_smoothing)
