"""Images with one or several labels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from accord.data.encoder import Encoder, Lengths, Setting, class_labels, numbered
from accord.data.source import Block
from accord.model.facts import image_facts
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

    def settle(self) -> None:
        return None

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        column = self.setting.recipe.data.image
        assert column is not None
        columns = {"image": block.batch[column], "label": class_labels(block, self.setting)}
        displays = self._displays(block) if split != "train" else None
        return numbered(block, columns, displays, self.setting.recipe.evaluate.slices)

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        yield encoded

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _displays(self, block: Block) -> list[str]:
        return [f"{Path(block.file).name}, row {row}" for row in block.rows]

    def facts(self) -> Mapping[str, Any]:
        model, base = self.setting.recipe.model, self.setting.base
        return {"modality": "image", "pad_id": None, "image": _image_facts(model, base)}

    def save(self, folder: Path) -> None:
        return None


def _image_facts(model: Model, base: Path) -> dict[str, Any]:
    if model.base is not None:
        folder = model_folder(model.base, model.revision, base)
        processor = _json(folder / "preprocessor_config.json")
        return image_facts(_json(folder / "config.json"), processor)
    given = model.config
    return image_facts(_json(base / given) if isinstance(given, str) else dict(given or {}), {})


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


@part("encoder", Image)
def image(spec: Image, setting: Setting) -> Encoder:
    """Encoder of image classification."""
    return ImageEncoder(setting)
