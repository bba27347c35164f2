"""Rows of new classes or sources count more, and less so as more of them were seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from accord.objective.reweighed import Columns


@dataclass(slots=True)
class Warming:
    """Factor `1 + (boost - 1) exp(-n / scale)` for rows of a new kind of which n were in earlier
    steps, 1 for all others.

    Args:
        column: Of the batch: ids of the kinds.
        new: Which kinds are new [kinds], booleans.
        boost, scale: Of the formula.
        seen: n of each kind [kinds].
    """

    column: str
    new: torch.Tensor
    boost: float
    scale: float
    seen: torch.Tensor
    by_loss: bool = False
    _next: torch.Tensor | None = None

    def weigh(self, losses: torch.Tensor, columns: Columns) -> torch.Tensor:
        kinds = columns[self.column]
        self._next = self.seen + kinds.bincount(minlength=len(self.new))
        boosts = 1 + (self.boost - 1) * (-self.seen.double() / self.scale).exp()
        return boosts.where(self.new, 1.0)[kinds]

    def settle(self) -> None:
        if self._next is not None:
            self.seen = self._next

    def state(self) -> dict[str, torch.Tensor]:
        return {"seen": self.seen}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.seen = state["seen"]
