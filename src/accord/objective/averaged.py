"""The mean over a row's tokens in place of their sum: no row's gradient is long for its length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.objective.objective import Batch, Objective, row_units, weighted

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Averaged:
    """The mean loss of each row's units; a batch's unit is a row. Nothing else where a row is one
    unit. For gradients that are cut row by row (Li et al., 2021)."""

    objective: Objective

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        losses = self.objective.losses(model, batch)
        plain = {name: value for name, value in batch.items() if name != "weight"}
        counts = [
            max(self.objective.units({n: v[at : at + 1] for n, v in plain.items()}), 1.0)
            for at in range(len(losses))
        ]
        return losses / losses.new_tensor(counts)

    def units(self, batch: Batch) -> float:
        return row_units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.objective.scores(model, batch)
