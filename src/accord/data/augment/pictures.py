"""Images from bytes and back, for changes of images."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.data.augment.change import Change, each
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

    return each(change)


def turned(image: Image, degrees: float) -> Image:
    """Rotated about its middle, with edges repeated outwards instead of black corners."""
    from PIL import Image as Pillow

    return _on_wide(image, lambda wide: wide.rotate(degrees, Pillow.Resampling.BILINEAR))


def slanted(image: Image, map: tuple[tuple[float, float, float], ...]) -> Image:
    """Each place shows what stands where the map [2, 3], about the middle, leads from it; beyond
    the edges they are repeated."""
    from PIL import Image as Pillow

    def warp(wide: Any) -> Any:
        x, y = (side / 2 for side in wide.size)
        (a, b, c), (d, e, f) = map
        data = (a, b, c + x - a * x - b * y, d, e, f + y - d * x - e * y)
        return wide.transform(wide.size, Pillow.Transform.AFFINE, data, Pillow.Resampling.BILINEAR)

    return _on_wide(image, warp)


def _on_wide(image: Image, change: Callable[[Any], Any]) -> Image:
    """What becomes of an image that its edges continue on all sides, cut to its own size again."""
    from PIL import Image as Pillow

    width, height = image.size
    border = max(width, height)
    grid = np.pad(np.asarray(image), ((border, border), (border, border), (0, 0)), mode="edge")
    wide: Any = change(Pillow.fromarray(grid))
    return wide.crop((border, border, border + width, border + height))


def window(image: Image, left: float, top: float, share: float) -> Image:
    """A part of the image, `share` of each side, at its full size."""
    from PIL import Image as Pillow

    width, height = image.size
    box = (left, top, left + share * width, top + share * height)
    return image.resize((width, height), Pillow.Resampling.BILINEAR, box=box)
