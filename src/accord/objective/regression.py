"""Squared error on the standardised target, or another loss of the same residual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, logits, row_units, weighted
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class RegressionSpec(Spec):
    """Squared error."""

    kind: Literal["regression"] = "regression"


@dataclass(frozen=True, slots=True)
class Regression:
    """Squared error of (target - mean) / std, with the training split's mean and std.

    Args:
        mean, std: Of the training targets.
        rows: Residuals (prediction - target, in standard deviations) [B] to losses [B]; None
            squares them.
    """

    mean: float
    std: float
    rows: Callable[[torch.Tensor], torch.Tensor] | None = None

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        residual = logits(model, batch).squeeze(-1) - (batch["labels"] - self.mean) / self.std
        return residual.square() if self.rows is None else self.rows(residual)

    def units(self, batch: Batch) -> float:
        return row_units(batch)

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
