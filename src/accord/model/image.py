"""From the bytes of an image to what a vision model takes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps


def decode_image(content: bytes, facts: Mapping[str, Any]) -> torch.Tensor:
    """Decode, turn upright (EXIF), resize (bilinear) and normalise, as Transformers' image
    pipelines do.

    Args:
        content: An encoded image.
        facts: `size` [height, width], `mean` and `std` of each channel in [0, 1] units.

    Returns:
        float32 [3, height, width].

    Raises:
        OSError, ValueError: The bytes are no image that Pillow reads.
    """
    height, width = facts["size"]
    with Image.open(io.BytesIO(content)) as image:
        pixels = ImageOps.exif_transpose(image).convert("RGB")
        if pixels.size != (width, height):
            pixels = pixels.resize((width, height), Image.Resampling.BILINEAR)
        values = np.asarray(pixels, dtype=np.float32) / 255.0
    mean, std = (np.asarray(facts[name], dtype=np.float32) for name in ("mean", "std"))
    return torch.from_numpy(np.ascontiguousarray(((values - mean) / std).transpose(2, 0, 1)))
