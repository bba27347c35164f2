"""Flat clipping: the whole gradient of a unit to one norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part
from accord.privacy.clipping.clip import Clip, Steady
from accord.privacy.plan import PrivacyPlan

if TYPE_CHECKING:
    import torch


class FlatSpec(Spec):
    """Every unit's gradient is shortened to a norm if it is longer (Abadi et al., 2016)."""

    kind: Literal["flat"] = "flat"
    norm: float = Field(1.0, gt=0)
    """The longest gradient that is left as it is. The noise grows with it."""


@dataclass(frozen=True, slots=True)
class Flat(Steady):
    """`g min(1, norm / |g|)`."""

    norm: float

    def factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        return shortened(squares.sum(0), self.norm * (1 - margin)).expand_as(squares)


def shortened(squares: torch.Tensor, norm: float) -> torch.Tensor:
    """`min(1, norm / sqrt(squares))`; 1 for a gradient of 0."""
    return (norm / squares.clamp(min=1e-60).sqrt()).clamp(max=1.0)


@part("clipping", FlatSpec)
def flat(spec: FlatSpec, plan: PrivacyPlan) -> Clip:
    """Clip all layers together."""
    return Flat(spec.norm)
