"""A gradient in which no row pulls harder than all others may, without noise: no privacy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import nn

from accord.batch.team import ALONE, Team
from accord.privacy.clipping.flat import shortened
from accord.privacy.cut import Cut
from accord.privacy.rows import Arithmetic, Batch, Losses
from accord.privacy.trained import Trained


class Counted(Losses, Protocol):
    """The part of an objective that this gradient needs."""

    def units(self, batch: Batch) -> float:
        """How many units the batch holds."""
        ...


@dataclass(frozen=True, slots=True)
class _Scaled:
    """An objective's losses, multiplied so that half precision can hold their gradients."""

    objective: Losses
    scale: float

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.objective.losses(model, batch) * self.scale


@dataclass(slots=True)
class Clipped:
    """`sum_i g_i min(1, norm / |g_i|) / units`, with g_i the gradient of row i's loss, its weight
    in it, over all trained weights. That of DP-SGD (Abadi et al., 2016), without noise.

    From one backward pass a micro-batch, as a private gradient; for a model that no rule follows,
    from one a row, which is as exact and slow. A gradient that is not finite spoils the step: the
    loop leaves it out.

    Args:
        norm: What a row may pull at most.
        team: The processes that compute each step together.
        divided: Whether weights are divided over them.
    """

    norm: float
    team: Team = ALONE
    divided: bool = False
    cut: Cut = field(init=False, repr=False)
    _scale: float = field(default=1.0, init=False, repr=False)

    def __post_init__(self) -> None:
        in_step = self.team if self.divided else ALONE
        self.cut = Cut(self._factors, private=False, in_step=in_step)

    def __call__(
        self,
        model: nn.Module,
        objective: Counted,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        own = sum(objective.units(batch) for batch in batches)
        self._scale, scaled = scale, _Scaled(objective, scale)
        trained = self.cut.start(model)
        total, _ = self.cut.add(model, scaled, batches, arithmetic)
        units, total = self.team.add_numbers(own, total)
        units = max(units, 1.0)
        trained.sums.gather(self.team)
        trained.sums.divide(units)
        trained.sums.hand_over(self._reached(trained))
        return total / scale / units

    def _reached(self, trained: Trained) -> set[int]:
        """Weights (ids) that a gradient has reached, in whichever process."""
        keys = [id(weight) for weight in trained.weights.values()]
        seen = torch.tensor([float(key in self.cut.reached) for key in keys])
        self.team.add([seen])
        return {key for key, due in zip(keys, seen.tolist(), strict=True) if due}

    def state(self) -> Mapping[str, torch.Tensor]:
        return {}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        return None

    def _factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        return shortened(squares.sum(0), self.norm * self._scale).expand_as(squares)
