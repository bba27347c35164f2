"""Noise on images."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.tensors import on_tensors
from accord.part import part

if TYPE_CHECKING:
    import torch


class Grain(AugmenterSpec):
    """Normal noise on every value, as of a camera in the dark."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["grain"] = "grain"
    scale: float = Field(default=0.05, gt=0, le=1)
    """Standard deviation, as a share of the range from black to white."""


@part("augmenter", Grain)
def grain(spec: Grain, known: Known) -> Change:
    """Values stay between black and white."""

    def warp(image: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        import torch

        noise = chance.normal(0, spec.scale, tuple(image.shape))
        return image + torch.from_numpy(noise).float()

    return on_tensors(warp)
