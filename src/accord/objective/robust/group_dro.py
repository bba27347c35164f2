"""Group DRO: the group that is learned worst counts most."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    import torch

    from accord.objective.reweighed import Columns, Weighing
    from accord.objective.robust.setting import TrainingRows


class GroupDRO(Spec):
    """Distributionally robust optimisation over groups (Sagawa et al., 2020, algorithm 1)."""

    kind: Literal["group-dro"] = "group-dro"
    groups: str
    """Column of the training data that names each row's group."""
    step: float = Field(0.01, ge=0)
    """How fast groups with a high loss gain weight; 0 lets all groups count alike."""
    adjustment: float = Field(0.0, ge=0)
    """Added to a group's loss: `adjustment / sqrt(rows of the group)`, for small groups, which
    are learned by heart before they are understood."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (self.groups,)


@dataclass(slots=True)
class Groups:
    """Minimises `sum_g q_g mean loss of g`; at each step `q_g *= exp(step * mean loss of g)` for
    the groups in the global batch, then q is scaled to sum 1.

    Args:
        column: Of the batch: ids of the groups.
        step: Of the exponential update.
        margin: Added to each group's loss [groups].
        logs: log q [groups]; starts even.
    """

    column: str
    step: float
    margin: torch.Tensor
    logs: torch.Tensor
    by_loss: bool = True
    _next: torch.Tensor | None = None

    def weigh(self, losses: torch.Tensor, columns: Columns) -> torch.Tensor:
        import torch

        if len(self.logs) == 1:
            return torch.ones_like(losses)
        group, weight = columns[self.column], columns["weight"]
        held = torch.zeros_like(self.logs).index_add_(0, group, weight)
        sums = torch.zeros_like(self.logs).index_add_(0, group, weight * losses)
        there = held > 0
        means = torch.where(there, sums / held.clamp(min=1e-12) + self.margin, 0.0)
        # Losses that are not finite end in a skipped step; they must not live on here.
        grown = self.logs + self.step * means.nan_to_num(0.0, 0.0, 0.0)
        self._next = grown.log_softmax(0)
        # How the groups that are there compare: no underflow where all of them count for little.
        among = torch.where(there, self._next, -torch.inf).softmax(0)
        shares = torch.where(there, among / held.clamp(min=1e-12), 0.0)
        return shares[group]

    def settle(self) -> None:
        if self._next is not None:
            self.logs = self._next

    def state(self) -> dict[str, torch.Tensor]:
        return {"logs": self.logs}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.logs = state["logs"]


@part("robust", GroupDRO)
def group_dro(spec: GroupDRO, rows: TrainingRows) -> Weighing:
    """Weights of groups by their losses."""
    import torch

    counts = rows.per_value[spec.groups].double()
    margin = spec.adjustment * counts.clamp(min=1).rsqrt()
    even = torch.full((len(counts),), -math.log(len(counts)), dtype=torch.float64)
    return Groups(f"carried:{spec.groups}", spec.step, margin, even)
