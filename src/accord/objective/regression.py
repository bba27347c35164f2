"""Squared error on the standardised target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class RegressionSpec(Spec):
    """Squared error."""

    kind: Literal["regression"] = "regression"


@dataclass(frozen=True, slots=True)
class Regression:
    """Squared error of (target - mean) / std, with the training split's mean and std."""

    mean: float
    std: float

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        target = (batch["labels"] - self.mean) / self.std
        return (logits(model, batch).squeeze(-1) - target).square().sum()

    def units(self, batch: Batch) -> float:
        return float(batch["labels"].shape[0])

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`prediction` [B] in the target's own unit."""
        prediction = logits(model, batch).squeeze(-1) * self.std + self.mean
        return {"prediction": prediction, "label": batch["labels"]}


@part("objective", RegressionSpec)
def regression(
    spec: RegressionSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Squared error on the target standardised as the schema says."""
    target = schema["target"]
    return Regression(float(target["mean"]), float(target["std"]) or 1.0)
