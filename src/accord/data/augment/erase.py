"""Rectangles taken out of images."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.tensors import on_tensors
from accord.part import part

if TYPE_CHECKING:
    import torch


class Erase(AugmenterSpec):
    """A rectangle is replaced by noise (Zhong et al., 2020, arXiv:1708.04896)."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["erase"] = "erase"
    most: float = Field(default=0.2, gt=0, lt=1)
    """Of the area, between 2 percent (or this, if it is less) and this."""
    aspect: float = Field(default=3.0, ge=1)
    """Longer side over shorter, at most."""


@part("augmenter", Erase)
def erase(spec: Erase, known: Known) -> Change:
    """Each pixel of the rectangle is drawn evenly."""

    def warp(image: torch.Tensor, chance: np.random.Generator) -> torch.Tensor:
        import torch

        height, width = image.shape[-2:]
        area = float(chance.uniform(min(0.02, spec.most), spec.most)) * height * width
        aspect = math.exp(float(chance.uniform(-1, 1)) * math.log(spec.aspect))
        tall = min(height, max(1, round(math.sqrt(area * aspect))))
        wide = min(width, max(1, round(math.sqrt(area / aspect))))
        top, left = (int(chance.integers(n)) for n in (height - tall + 1, width - wide + 1))
        noise = torch.from_numpy(chance.random((image.shape[1], tall, wide))).float()
        changed = image.clone()
        changed[0, :, top : top + tall, left : left + wide] = noise
        return changed

    return on_tensors(warp)
