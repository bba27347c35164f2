"""Images turned, mirrored, cropped, coloured."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality
from accord.data.augment.known import Known
from accord.data.augment.pictures import on_pictures, turned, window
from accord.part import part

if TYPE_CHECKING:
    from PIL.Image import Image


class Rotate(AugmenterSpec):
    """Turned by an angle up to `degrees` either way."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["rotate"] = "rotate"
    degrees: float = Field(default=15.0, gt=0, le=180)


class Flip(AugmenterSpec):
    """Mirrored left to right, or upside down."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["flip"] = "flip"
    vertical: bool = False
    """Upside down instead of left to right."""


class Crop(AugmenterSpec):
    """A part of the image at its full size: cropped and scaled (Szegedy et al., 2015)."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["crop"] = "crop"
    least: float = Field(default=0.8, gt=0, lt=1)
    """Share of each side that is kept, at least."""


class Colour(AugmenterSpec):
    """Brightness, contrast and saturation changed."""

    modality: ClassVar[Modality] = "image"
    kind: Literal["colour"] = "colour"
    strength: float = Field(default=0.3, gt=0, lt=1)
    """Each becomes between 1 less and 1 more of this times what it was."""


@part("augmenter", Rotate)
def rotate(spec: Rotate, known: Known) -> Change:
    """Corners are filled with the edges."""
    return on_pictures(lambda image, chance: turned(image, _either(spec.degrees, chance)))


@part("augmenter", Flip)
def flip(spec: Flip, known: Known) -> Change:
    """Always mirrored: the original is there too."""

    def draw(image: Image, chance: np.random.Generator) -> Image:
        from PIL import ImageOps

        return ImageOps.flip(image) if spec.vertical else ImageOps.mirror(image)

    return on_pictures(draw)


@part("augmenter", Crop)
def crop(spec: Crop, known: Known) -> Change:
    """A random part of a random size."""

    def draw(image: Image, chance: np.random.Generator) -> Image:
        share = float(chance.uniform(spec.least, 1))
        left, top = (float(chance.uniform(0, (1 - share) * side)) for side in image.size)
        return window(image, left, top, share)

    return on_pictures(draw)


@part("augmenter", Colour)
def colour(spec: Colour, known: Known) -> Change:
    """Each of the three by a factor of its own."""

    def draw(image: Image, chance: np.random.Generator) -> Image:
        for name in ("Brightness", "Contrast", "Color"):
            image = _enhanced(image, name, 1 + _either(spec.strength, chance))
        return image

    return on_pictures(draw)


def _enhanced(image: Image, name: str, factor: float) -> Image:
    from PIL import ImageEnhance

    return getattr(ImageEnhance, name)(image).enhance(factor)


def _either(most: float, chance: np.random.Generator) -> float:
    return float(chance.uniform(-most, most))
