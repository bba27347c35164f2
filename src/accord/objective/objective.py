"""What an objective is: a loss as a sum over units, so that any division into parts is exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch
    from torch import nn

Batch = Mapping[str, "torch.Tensor"]


class Objective(Protocol):
    """The loss of one kind of problem.

    Guarantees:
        `loss` and `units` are additive: over any division of the rows into batches, the sums
        are the same. The loop divides by the units of the whole global batch once.
    """

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        """Sum of the losses of all units; fp32 scalar with gradient."""
        ...

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        """The loss of each row [B], summed over its units, before its weight; fp32 with gradient.
        `loss` is `weighted(losses)`."""
        ...

    def units(self, batch: Batch) -> float:
        """How many units (rows, or tokens with a target) the batch holds, each counted with the
        `weight` of its row if the batch carries weights."""
        ...

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """Per-row columns that scorers read; first dimension [rows]. Called without gradient."""
        ...


def weighted(losses: torch.Tensor, batch: Batch) -> torch.Tensor:
    """The sum of row losses [B], each times its `weight` [B] if the batch carries weights."""
    weight = batch.get("weight")
    return losses.sum() if weight is None else (losses * weight).sum()


def row_units(batch: Batch) -> float:
    """Rows of the batch, each counted with its weight."""
    weight = batch.get("weight")
    return float(batch["labels"].shape[0] if weight is None else weight.sum())


def logits(model: nn.Module, batch: Batch) -> torch.Tensor:
    """The model's logits in fp32."""
    from accord.model.inputs import model_inputs

    output: Any = model(**model_inputs(model, dict(batch)))
    return output.logits.float()
