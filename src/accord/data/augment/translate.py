"""Images moved aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.tensors import either, moved, on_tensors
from accord.part import part

if TYPE_CHECKING:
    import torch


class Translate(AugmenterSpec):
    """Moved to a side and up or down."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["translate"] = "translate"
    most: float = Field(default=0.1, gt=0, lt=1)
    """Of each side's length, either way."""


@part("augmenter", Translate)
def translate(spec: Translate, known: Known) -> Change:
    """What is left free is filled with the edges."""

    def warp(image: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        height, width = image.shape[-2:]
        x, y = (either(spec.most * side, chance) for side in (width, height))
        return moved(image, [[1, 0, x], [0, 1, y]])

    return on_tensors(warp)
