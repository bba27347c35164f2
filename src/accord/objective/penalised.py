"""An objective with terms on the weights added to its mean loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.objective.objective import Batch, Objective

if TYPE_CHECKING:
    import torch
    from torch import nn

Penalty = Callable[["nn.Module"], "torch.Tensor"]
"""Scalar with gradient, a function of the weights alone."""


@dataclass(frozen=True, slots=True)
class Penalised:
    """`mean loss + penalty`: each batch carries the penalty in proportion to its units, so the
    whole global batch carries it exactly once however it is divided."""

    objective: Objective
    penalty: Penalty

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.objective.loss(model, batch) + self.penalty(model) * self.units(batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        """Of the rows [B]; the penalty is no row's."""
        return self.objective.losses(model, batch)

    def units(self, batch: Batch) -> float:
        return self.objective.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.objective.scores(model, batch)
