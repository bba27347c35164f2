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

    def units(self, batch: Batch) -> float:
        """How many units (rows, or tokens with a target) the batch holds."""
        ...

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """Per-row columns that scorers read; first dimension [rows]. Called without gradient."""
        ...


def logits(model: nn.Module, batch: Batch) -> torch.Tensor:
    """The model's logits in fp32."""
    from accord.model.inputs import model_inputs

    output: Any = model(**model_inputs(model, dict(batch)))
    return output.logits.float()
