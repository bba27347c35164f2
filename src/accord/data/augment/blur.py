"""Images out of focus."""

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


class Blur(AugmenterSpec):
    """Blurred by a Gaussian."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["blur"] = "blur"
    most: float = Field(default=0.03, gt=0, le=0.2)
    """Of its standard deviation, as a share of the shorter side."""


@part("augmenter", Blur)
def blur(spec: Blur, known: Known) -> Change:
    """Of a width from nothing to the most."""

    def warp(image: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        from kornia.filters import gaussian_blur2d

        side = min(image.shape[-2:])
        width = max(1e-3, float(chance.uniform(0, spec.most)) * side)
        # Three standard deviations each way, and no further than the image can be continued.
        size = 2 * min(max(1, round(3 * width)), side - 1) + 1
        return gaussian_blur2d(image, (size, size), (width, width)) if side > 1 else image

    return on_tensors(warp)
