"""An objective over rows that are mixed: two labels for what a model says of one input."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from torch import nn

from accord.batch.pairing import LABEL, parted
from accord.objective.mix.mixer import Mixer
from accord.objective.objective import Batch, Objective, weighted

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Mixed:
    """`share * loss(y) + (1 - share) * loss(y of the partner)`, with one forward for both.

    For losses that are linear in their target that is the loss of the mixed label; it is defined
    for every other too, class weights and focal loss included.
    """

    objective: Objective
    mixer: Mixer

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        from accord.model.blend import blended

        if LABEL not in batch:
            return self.objective.losses(model, batch)
        own, other, drawn = parted(batch)
        blend = partial(self.mixer.blend, drawn=drawn)
        said = _Said(blended(model, own, other, blend))
        share = drawn["label"]
        ours, theirs = (self.objective.losses(said, labels) for labels in (own, other))
        return share * ours + (1 - share) * theirs

    def units(self, batch: Batch) -> float:
        return self.objective.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.objective.scores(model, batch)


class _Said(nn.Module):
    """Answers what was answered."""

    def __init__(self, output: Any) -> None:
        super().__init__()
        self.output = output

    def forward(self) -> Any:
        return self.output


def mixed(objective: Objective, mixer: Mixer | None) -> Objective:
    """The objective of mixed rows; the same one where none are mixed."""
    return objective if mixer is None else Mixed(objective, mixer)
