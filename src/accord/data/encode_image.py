"""Images with one or several labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from accord.data.encoder import Encoder, Lengths, Setting, class_labels, numbered
from accord.data.source import Block
from accord.model.formats import model_folder
from accord.part import Spec, part
from accord.recipe.model import Model

HALF = [0.5, 0.5, 0.5]


class Image(Spec):
    """Encoded image files, decoded when a batch is made."""

    kind: Literal["image-classification"] = "image-classification"


class ImageEncoder:
    """Passes images on as they are; size and normalisation come from the model."""

    surveys = False

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.lengths = Lengths()

    def survey(self, block: Block) -> None:
        return None

    def encode(self, block: Block, split: str) -> Iterator[pa.RecordBatch]:
        column = self.setting.recipe.data.image
        assert column is not None
        columns = {"image": block.batch[column], "label": class_labels(block, self.setting)}
        displays = self._displays(block) if split != "train" else None
        yield numbered(block, columns, displays, self.setting.recipe.evaluate.slices)

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _displays(self, block: Block) -> list[str]:
        return [f"{Path(block.file).name}, row {row}" for row in block.rows]

    def facts(self) -> Mapping[str, Any]:
        model, base = self.setting.recipe.model, self.setting.base
        return {"modality": "image", "pad_id": None, "image": image_facts(model, base)}

    def save(self, folder: Path) -> None:
        return None


def image_facts(model: Model, base: Path) -> dict[str, Any]:
    """Size [height, width], mean and std that a model expects."""
    if model.base is not None:
        folder = model_folder(model.base, model.revision, base)
        config = _json(folder / "config.json")
        processor = _json(folder / "preprocessor_config.json")
    else:
        given = model.config
        config = _json(base / given) if isinstance(given, str) else dict(given or {})
        processor = {}
    size = processor.get("size") or config.get("image_size") or 224
    if processor.get("crop_size") and processor.get("do_center_crop", True):
        size = processor["crop_size"]  # what is left of the larger `size` reaches the model
    if isinstance(size, Mapping):
        edge = size.get("shortest_edge", 224)
        size = [size.get("height", edge), size.get("width", edge)]
    elif isinstance(size, int):
        size = [size, size]
    mean, std = processor.get("image_mean") or HALF, processor.get("image_std") or HALF
    if processor.get("do_normalize") is False:
        mean, std = [0.0] * 3, [1.0] * 3
    return {"size": list(size), "channels": 3, "mean": mean, "std": std}


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


@part("encoder", Image)
def image(spec: Image, setting: Setting) -> Encoder:
    """Encoder of image classification."""
    return ImageEncoder(setting)
