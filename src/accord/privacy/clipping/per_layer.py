"""Clipping of each layer by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part
from accord.privacy.clipping.clip import Clip, Steady
from accord.privacy.clipping.flat import shortened
from accord.privacy.plan import PrivacyPlan

if TYPE_CHECKING:
    import torch


class PerLayerSpec(Spec):
    """Every layer's gradient of a unit is shortened by itself, each to an equal share of the norm
    (McMahan et al., 2018): a layer with long gradients does not silence the others."""

    kind: Literal["per-layer"] = "per-layer"
    norm: float = Field(1.0, gt=0)
    """The longest gradient of all K layers together; each layer has `norm / sqrt(K)`."""


@dataclass(frozen=True, slots=True)
class PerLayer(Steady):
    """`g_k min(1, norm / (sqrt(K) |g_k|))` for each of K layers."""

    norm: float

    def factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        return shortened(squares, self.norm * (1 - margin) / len(squares) ** 0.5)


@part("clipping", PerLayerSpec)
def per_layer(spec: PerLayerSpec, plan: PrivacyPlan) -> Clip:
    """Clip each layer to an equal share."""
    return PerLayer(spec.norm)
