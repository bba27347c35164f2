"""Models of images whose stages see ever fewer and wider places: ConvNeXt, Swin and such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

USUAL: Mapping[str, Mapping[str, Any]] = {
    "convnext": {"hidden_sizes": [96, 192, 384, 768], "depths": [3, 3, 9, 3]},
    "convnextv2": {"hidden_sizes": [96, 192, 384, 768], "depths": [3, 3, 9, 3]},
    "focalnet": {"embed_dim": 96, "depths": [2, 2, 6, 2]},
    "poolformer": {"hidden_sizes": [64, 128, 320, 512], "depths": [2, 2, 6, 2]},
    "pvt": {"hidden_sizes": [64, 128, 320, 512], "depths": [2, 2, 2, 2]},
    "resnet": {"hidden_sizes": [256, 512, 1024, 2048], "depths": [3, 4, 6, 3]},
    "segformer": {"hidden_sizes": [32, 64, 160, 256], "depths": [2, 2, 2, 2]},
    "swin": {"embed_dim": 96, "depths": [2, 2, 6, 2]},
    "swinv2": {"embed_dim": 96, "depths": [2, 2, 6, 2]},
}
"""What a configuration need not say, as Transformers has it, by `model_type`."""
PER_BLOCK = {"convnext": 8.0, "convnextv2": 8.0, "poolformer": 8.0, "resnet": 1.1}
"""Weights of a block over its squared width; else `ATTENDING`. A ResNet's bottleneck is a quarter
as wide inside: 2/4 + 9/16 of it."""
ATTENDING = 12.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Blocks of one width.

    Args:
        places: Of a row (an image).
        width: Channels.
        blocks: How many.
        weights: Of all of them, and of the step down to them.
    """

    places: int
    width: int
    blocks: int
    weights: int


def stages_of(config: Mapping[str, Any]) -> list[Stage] | None:
    """The stages by formula; None for a model that has none."""
    kind = str(config.get("model_type"))
    if kind not in USUAL:
        return None
    told = {**USUAL[kind], **config}
    depths = _whole(told["depths"])
    if "embed_dim" in told:  # FocalNet's `hidden_sizes` are those after the step down
        widths = [int(told["embed_dim"]) * 2**at for at in range(len(depths))]
    else:
        widths = _whole(told["hidden_sizes"])
    side = _one(told.get("image_size"), 224) / _one(told.get("strides", told.get("patch_size")), 4)
    found, before = list[Stage](), 3
    for at, (width, blocks) in enumerate(zip(widths, depths, strict=False)):
        weights = blocks * PER_BLOCK.get(kind, ATTENDING) * width * width + 4 * before * width
        places = max(1, round((side / 2**at) ** 2))
        found.append(Stage(places, width, blocks, round(weights)))
        before = width
    return found or None


def _whole(given: Any) -> list[int]:
    return [int(one) for one in cast("list[Any]", given)]


def _one(given: Any, usual: int) -> int:
    """A side, where two may be told."""
    value = cast("list[Any]", given)[0] if isinstance(given, list | tuple) and given else given
    return int(value) if isinstance(value, int) and value > 0 else usual
