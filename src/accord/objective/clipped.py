"""A gradient in which no row pulls harder than all others may: each row's own is cut to a norm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from accord.objective.gradient import Arithmetic
from accord.objective.objective import Batch, Objective


@dataclass(frozen=True, slots=True)
class Clipped:
    """`sum_i g_i min(1, norm / |g_i|) / units`, with g_i the gradient of row i's loss, its weight
    in it, over all trained weights. That of DP-SGD (Abadi et al., 2016), without noise.

    One backward pass a row: exact for every model, and as slow as that.
    """

    norm: float

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        units = max(sum(objective.units(batch) for batch in batches), 1.0)
        trained = [p for p in model.parameters() if p.requires_grad]
        sums: dict[int, torch.Tensor] = {}
        total = 0.0
        for row in _rows(batches):
            # A model may write into the gradient itself: each row's starts from none.
            for parameter in trained:
                parameter.grad = None
            with arithmetic():
                loss = objective.loss(model, row)
            (loss * scale).backward()
            total += float(loss.detach())
            found = {i: p.grad for i, p in enumerate(trained) if p.grad is not None}
            size = nn.utils.get_total_norm(found.values()) / scale
            factor = (self.norm / size).clamp(max=1.0).nan_to_num(nan=1.0) / units
            for index, gradient in found.items():
                if index in sums:
                    sums[index].addcmul_(gradient, factor)
                else:
                    sums[index] = gradient * factor
        for index, parameter in enumerate(trained):
            parameter.grad = sums.get(index)
        return total / units

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None


def _rows(batches: Sequence[Batch]) -> Sequence[Batch]:
    """Batches of one row each, in order."""
    return [
        {name: value[at : at + 1] for name, value in batch.items()}
        for batch in batches
        for at in range(len(batch["rows"]))
    ]
