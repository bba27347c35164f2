"""An objective over classes in which each unit counts by its class, under a loss of one's choice.

A unit is a row with one class, a tagged token, or one label of a row that may have several: such a
label is a question with two answers, whose logits are 0 and the model's.
"""

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
"""Logits [N, classes] and labels [N] to the loss of each unit [N]."""

RowLosses = Callable[["torch.Tensor", "torch.Tensor"], "torch.Tensor"]
"""Logits and labels of a batch, as its objective has them, to the loss of each row [B]."""


@dataclass(frozen=True, slots=True)
class Balanced:
    """The sum of row losses; units stay those of the plain objective, as weights are 1 in the mean.

    Args:
        plain: The objective without balance; its scores and units are kept.
        rows: The loss of each row.
    """

    plain: Objective
    rows: RowLosses

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.rows(logits(model, batch), batch["labels"])

    def units(self, batch: Batch) -> float:
        return self.plain.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.plain.scores(model, batch)


def balanced(
    plain: Objective, balance: Balance, counts: torch.Tensor, smoothing: float, problem: str
) -> Objective:
    """An objective as `balance:` wants it; the plain one where it wants nothing.

    Args:
        plain: Of the problem.
        balance: Of the recipe.
        counts: Training rows (or tokens) of each class [classes]; of several labels how many rows
            are without and with each [labels, 2].
        smoothing: Of the labels, under cross-entropy.
        problem: `single-label`, `token-label` or `multi-label`.
    """
    if balance.loss is None and balance.weights is None:
        return plain
    if problem == "multi-label":
        each = [_units(balance, own, smoothing) for own in counts]
        return Balanced(plain, _of_labels(each))
    own = _units(balance, counts, smoothing)
    return Balanced(plain, _of_tokens(own) if problem == "token-label" else own)


def _units(balance: Balance, counts: torch.Tensor, smoothing: float) -> RowLoss:
    """The weighted loss of units with these counts."""
    if balance.loss is None:
        loss = _cross_entropy(smoothing)
    else:
        loss = find("class-loss", balance.loss.kind)(balance.loss, counts)
    if balance.weights is None:
        return loss
    weights: torch.Tensor = find("class-weights", balance.weights.kind)(balance.weights, counts)
    return lambda values, labels: loss(values, labels) * weights.to(values)[labels]


def _of_tokens(units: RowLoss) -> RowLosses:
    """The sum over the tagged tokens of a row. Logits [B, T, classes], labels [B, T]."""

    def losses(values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        due = labels != -100
        found = values.new_zeros(labels.shape)
        found[due] = units(values[due], labels[due])
        return found.sum(1)

    return losses


def _of_labels(each: list[RowLoss]) -> RowLosses:
    """The mean over the labels of a row. Logits and labels [B, labels]."""

    def losses(values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        import torch

        found = [
            units(torch.stack([torch.zeros_like(z), z], 1), y.long())
            for units, z, y in zip(each, values.unbind(1), labels.unbind(1), strict=True)
        ]
        return torch.stack(found).mean(0)

    return losses


def _cross_entropy(smoothing: float) -> RowLoss:
    def loss(values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        return functional.cross_entropy(values, labels, label_smoothing=smoothing, reduction="none")

    return loss
