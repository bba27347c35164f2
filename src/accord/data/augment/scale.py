"""Images nearer and further away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.tensors import either, moved, on_tensors
from accord.part import part

if TYPE_CHECKING:
    import torch


class Scale(AugmenterSpec):
    """Larger or smaller about the middle, at the same size."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["scale"] = "scale"
    most: float = Field(default=1.2, gt=1, le=4)
    """Between 1 over this and this times as large; as often larger as smaller."""


@part("augmenter", Scale)
def scale(spec: Scale, known: Known) -> Change:
    """What a smaller image leaves free is filled with its edges."""

    def warp(image: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        factor = math.exp(either(math.log(spec.most), chance))
        x, y = ((side - 1) / 2 for side in (image.shape[3], image.shape[2]))
        return moved(image, [[factor, 0, x - factor * x], [0, factor, y - factor * y]])

    return on_tensors(warp)
