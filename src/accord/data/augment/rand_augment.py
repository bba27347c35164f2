"""RandAugment: some of fourteen changes, all of one magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.pictures import on_pictures, slanted, turned
from accord.part import part

if TYPE_CHECKING:
    from PIL.Image import Image

CHANGES = (
    "identity", "contrast-stretch", "equalise", "rotate", "solarise", "Color", "posterise",
    "Contrast", "Brightness", "Sharpness", "shear-x", "shear-y", "translate-x", "translate-y",
)  # fmt: skip


class RandAugment(AugmenterSpec):
    """`number` changes drawn from fourteen, all of one `magnitude` (Cubuk et al., 2020).

    With replacement, as in the paper, arXiv:1909.13719."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["rand-augment"] = "rand-augment"
    number: int = Field(default=2, ge=0, le=14)
    """N of the paper; 0 changes nothing."""
    magnitude: float = Field(default=9.0, ge=0, le=30)
    """M of the paper: 30 turns by 30 degrees, slants by 0.3, moves by 0.45 of a side, changes
    colours by 0.9, and keeps 4 of 8 bits. 0 changes nothing but by `identity`'s kin without a
    magnitude: stretched contrast and equalised histograms."""


@part("augmenter", RandAugment)
def rand_augment(spec: RandAugment, known: Known) -> Change:
    """Each change that has two directions goes either way."""

    def draw(image: Image, chance: np.random.Generator) -> Image:
        for number in chance.integers(0, len(CHANGES), spec.number).tolist():
            sign = 1 if chance.random() < 0.5 else -1
            image = _changed(CHANGES[number], image, spec.magnitude / 30, sign)
        return image

    return on_pictures(draw)


def _changed(name: str, image: Image, share: float, sign: int) -> Image:
    """The image after one change of a share of the greatest magnitude."""
    from PIL import ImageOps

    if name == "identity":
        return image
    if name == "contrast-stretch":
        return ImageOps.autocontrast(image)
    if name == "equalise":
        return ImageOps.equalize(image)
    if name == "solarise":
        return ImageOps.solarize(image, round(256 * (1 - share)))
    if name == "posterise":
        return ImageOps.posterize(image, 8 - round(4 * share))
    return _moved(name, image, sign * share)


def _moved(name: str, image: Image, share: float) -> Image:
    from PIL import ImageEnhance

    if name == "rotate":
        return turned(image, 30 * share)
    if name == "shear-x":
        return slanted(image, ((1, 0.3 * share, 0), (0, 1, 0)))
    if name == "shear-y":
        return slanted(image, ((1, 0, 0), (0.3 * share, 1, 0)))
    if name == "translate-x":
        return slanted(image, ((1, 0, 0.45 * share * image.width), (0, 1, 0)))
    if name == "translate-y":
        return slanted(image, ((1, 0, 0), (0, 1, 0.45 * share * image.height)))
    enhancer: Any = getattr(ImageEnhance, name)
    return enhancer(image).enhance(1 + 0.9 * share)
