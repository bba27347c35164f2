"""An objective over classes in which each row counts by its class, under a loss of one's choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.objective.objective import Batch, Objective, logits, weighted
from accord.part import find
from accord.recipe.balance import Balance

if TYPE_CHECKING:
    import torch
    from torch import nn

RowLoss = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""Logits [B, classes] and labels [B] to the loss of each row [B]."""


@dataclass(frozen=True, slots=True)
class Balanced:
    """The weighted sum of row losses; units stay rows, as weights are 1 in the mean.

    Args:
        plain: The objective without balance; its scores and units are kept.
        rows: The loss of each row.
        weights: Of each class [classes]; None for 1.
    """

    plain: Objective
    rows: RowLoss
    weights: torch.Tensor | None

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        labels = batch["labels"]
        losses = self.rows(logits(model, batch), labels)
        return losses if self.weights is None else losses * self.weights.to(losses)[labels]

    def units(self, batch: Batch) -> float:
        return self.plain.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.plain.scores(model, batch)


def balanced(
    plain: Objective, balance: Balance, counts: torch.Tensor, smoothing: float
) -> Objective:
    """An objective as `balance:` wants it; the plain one where it wants nothing.

    Args:
        plain: Softmax cross-entropy.
        balance: Of the recipe.
        counts: Training rows of each class [classes].
        smoothing: Of the labels, under cross-entropy.
    """
    if balance.loss is None and balance.weights is None:
        return plain
    weights = None
    if balance.weights is not None:
        weights = find("class-weights", balance.weights.kind)(balance.weights, counts)
    if balance.loss is None:
        return Balanced(plain, _cross_entropy(smoothing), weights)
    return Balanced(plain, find("class-loss", balance.loss.kind)(balance.loss, counts), weights)


def _cross_entropy(smoothing: float) -> RowLoss:
    def loss(values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        return functional.cross_entropy(values, labels, label_smoothing=smoothing, reduction="none")

    return loss
