"""CutMix: a rectangle of one image in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.objective.mix.mixer import MixerSpec, Modality
from accord.part import part

if TYPE_CHECKING:
    import numpy.typing as npt
    import torch


class Cutmix(MixerSpec):
    """A rectangle of another image stands in each, and its label counts by its area.

    Yun et al., 2019, arXiv:1905.04899."""

    modalities: ClassVar[tuple[Modality, ...]] = ("image",)
    kind: Literal["cutmix"] = "cutmix"
    alpha: float = Field(default=1.0, ge=0)
    """Of the beta distribution of what is left of an image; 0 mixes nothing."""


@dataclass(frozen=True, slots=True)
class _Rectangle:
    alpha: float
    height: int
    width: int

    def draw(self, rows: int, chance: np.random.Generator) -> Mapping[str, npt.NDArray[np.float64]]:
        """The middle may lie anywhere; what stands over the edge is cut off, and the share is
        that of the pixels that are left."""
        side = np.sqrt(1 - chance.beta(self.alpha, self.alpha, rows))
        found: dict[str, npt.NDArray[np.float64]] = {}
        area = np.ones(rows)
        for first, last, length in (("top", "bottom", self.height), ("left", "right", self.width)):
            middle, half = chance.integers(0, length, rows), np.floor(side * length) // 2
            found[first] = np.clip(middle - half, 0, length).astype(np.float64)
            found[last] = np.clip(middle + half, 0, length).astype(np.float64)
            area = area * (found[last] - found[first])
        return {"share": 1 - area / (self.height * self.width)} | found

    def blend(
        self, own: torch.Tensor, other: torch.Tensor, drawn: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """Images [B, C, H, W]."""
        import torch

        places = (drawn[name].view(-1, 1, 1, 1) for name in ("top", "bottom", "left", "right"))
        top, bottom, left, right = places
        row = torch.arange(own.shape[2], device=own.device).view(1, 1, -1, 1)
        column = torch.arange(own.shape[3], device=own.device).view(1, 1, 1, -1)
        inside = (row >= top) & (row < bottom) & (column >= left) & (column < right)
        return torch.where(inside, other, own)


@part("mixer", Cutmix)
def cutmix(spec: Cutmix, schema: Mapping[str, Any]) -> _Rectangle:
    """Rectangles of images of the size that the model reads."""
    height, width = schema["image"]["size"]
    return _Rectangle(spec.alpha, height, width)
