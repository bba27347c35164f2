"""Images as tensors and back, for changes that kornia makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from accord.data.augment.change import Change
from accord.data.augment.pictures import on_pictures
from accord.part import require

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

Warp = Callable[["torch.Tensor", np.random.Generator], "torch.Tensor"]
"""Of values from 0 to 1. [1, 3, H, W] -> the same."""


def on_tensors(warp: Warp) -> Change:
    """A change of image files from one of tensors."""
    require("kornia", "image", "augmenting images")

    def draw(image: Image, chance: np.random.Generator) -> Image:
        import torch
        from PIL import Image as Pillow

        grid = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None].float() / 255
        made = warp(grid, chance).clamp(0, 1)[0].permute(1, 2, 0)
        return Pillow.fromarray((made * 255).round().byte().numpy())

    return on_pictures(draw)


def moved(image: torch.Tensor, matrix: list[list[float]]) -> torch.Tensor:
    """An image under an affine map of its places [2, 3], with its edges repeated outwards."""
    import torch
    from kornia.geometry.transform import warp_affine

    height, width = image.shape[-2:]
    return warp_affine(image, torch.tensor([matrix]), (height, width), padding_mode="border")


def either(most: float, chance: np.random.Generator) -> float:
    """A number up to `most`, on either side of nothing."""
    return float(chance.uniform(-most, most))
