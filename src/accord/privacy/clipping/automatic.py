"""Automatic clipping: every unit's gradient to about the same length, short ones too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part
from accord.privacy.clipping.clip import Clip, Steady
from accord.privacy.plan import PrivacyPlan

if TYPE_CHECKING:
    import torch


class AutomaticSpec(Spec):
    """Every unit's gradient is brought to about one length (AUTO-S; Bu et al., 2022): no norm has
    to be found. With an optimizer that looks at no scale (adamw) the norm changes nothing."""

    kind: Literal["automatic"] = "automatic"
    norm: float = Field(1.0, gt=0)
    """The length; it acts like a factor on the learning rate."""
    stability: float = Field(0.01, gt=0)
    """Gradients much shorter than this stay short: without it noise in them would be blown up."""


@dataclass(frozen=True, slots=True)
class Automatic(Steady):
    """`g norm / (|g| + stability)`."""

    norm: float
    stability: float

    def factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        lengths = squares.sum(0).sqrt()
        return (self.norm * (1 - margin) / (lengths + self.stability)).expand_as(squares)


@part("clipping", AutomaticSpec)
def automatic(spec: AutomaticSpec, plan: PrivacyPlan) -> Clip:
    """Clip without a threshold."""
    return Automatic(spec.norm, spec.stability)
