"""Trimmed loss: of each global batch, the rows of highest loss are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    import torch

    from accord.objective.reweighed import Columns, Weighing
    from accord.objective.robust.setting import TrainingRows


class Trimmed(Spec):
    """Leaves out a share of each global batch, the rows of highest loss (Rousseeuw, 1984; for
    networks Shen and Sanghavi, 2019)."""

    kind: Literal["trimmed"] = "trimmed"
    share: float = Field(0.1, ge=0, lt=1)
    """Of the rows of a global batch; about the share of rows that are wrong. 0 leaves none out."""
    ramp: int = Field(0, ge=0)
    """Steps over which the share grows from 0: a model that has learned nothing yet cannot tell
    which rows are wrong."""


@dataclass(slots=True)
class Trimming:
    """Factor 0 for the `round(share * N)` rows of highest loss, 1 for the others; of rows with the
    same loss, those with the higher number go first."""

    share: float
    ramp: int
    steps: int = 0
    by_loss: bool = True

    def weigh(self, losses: torch.Tensor, columns: Columns) -> torch.Tensor:
        import numpy as np
        import torch

        share = self.share * min(1.0, self.steps / self.ramp) if self.ramp else self.share
        # One row is left at least: somebody has to teach.
        count = min(round(share * len(losses)), len(losses) - 1)
        order = np.lexsort((columns["rows"].numpy(), losses.numpy()))
        factors = torch.ones_like(losses)
        factors[torch.from_numpy(order[len(losses) - count :])] = 0.0
        return factors

    def settle(self) -> None:
        self.steps += 1

    def state(self) -> dict[str, torch.Tensor]:
        import torch

        return {"steps": torch.tensor(self.steps)}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.steps = int(state["steps"])


@part("robust", Trimmed)
def trimmed(spec: Trimmed, rows: TrainingRows) -> Weighing:
    """Leaves out the rows that fit worst."""
    return Trimming(spec.share, spec.ramp)
