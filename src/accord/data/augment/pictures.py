"""Images from bytes and back, for changes of images."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.data.augment.change import Change
from accord.part import require

if TYPE_CHECKING:
    from PIL.Image import Image

Draw = Callable[["Image", np.random.Generator], "Image"]


def on_pictures(draw: Draw) -> Change:
    """A change of image files, as PNG, from one of RGB images."""
    require("PIL", "image", "augmenting images")

    def change(content: bytes, chance: np.random.Generator) -> bytes:
        from PIL import Image

        with Image.open(io.BytesIO(content)) as image:
            drawn = draw(image.convert("RGB"), chance)
        stream = io.BytesIO()
        drawn.save(stream, format="PNG")
        return stream.getvalue()

    return change


def turned(image: Image, degrees: float) -> Image:
    """Rotated about its middle, with edges repeated outwards instead of black corners."""
    from PIL import Image as Pillow

    width, height = image.size
    border = max(width, height)
    grid = np.pad(np.asarray(image), ((border, border), (border, border), (0, 0)), mode="edge")
    wide: Any = Pillow.fromarray(grid)
    rotated = wide.rotate(degrees, resample=Pillow.Resampling.BILINEAR)
    return rotated.crop((border, border, border + width, border + height))


def window(image: Image, left: float, top: float, share: float) -> Image:
    """A part of the image, `share` of each side, at its full size."""
    from PIL import Image as Pillow

    width, height = image.size
    box = (left, top, left + share * width, top + share * height)
    return image.resize((width, height), Pillow.Resampling.BILINEAR, box=box)
