"""The image-folder reader: `<root>/<label>/<image>` as columns `image` and `label`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from accord.data.opening import is_local, open_bytes, suffix
from accord.data.source import Block, ReaderSpec, Sink, Source
from accord.errors import DataError
from accord.part import part
from accord.recipe.task import IMAGES
from accord.vault.envelope import plain_name

ROWS = 256


class ImageFolder(ReaderSpec):
    """Image files in one folder for each label."""

    suffixes: ClassVar[tuple[str, ...]] = IMAGES
    apart: ClassVar[bool] = True
    kind: Literal["image-folder"] = "image-folder"


@part("reader", ImageFolder)
def image_folder(spec: ImageFolder, source: Source, sink: Sink) -> Iterator[Block]:
    """Blocks with `image` (the file's bytes), `label` (its folder) and `file_name`."""
    files = [f for f in source.asset.files if suffix(f.path) in IMAGES]
    if not files:
        raise DataError(
            "the folder holds no images",
            code="file-unreadable",
            path=source.asset.location,
            expected=f"files ending in {', '.join(IMAGES)}",
            fix="give a folder with one sub-folder for each label",
        )
    for start in range(0, len(files), ROWS):
        some = files[start : start + ROWS]
        images: list[bytes] = []
        for file in some:
            with open_bytes(file) as stream:
                images.append(stream.read())
        batch = pa.RecordBatch.from_pydict(
            {
                "image": pa.array(images, pa.binary()),
                "label": pa.array([_label(f.path, source) for f in some], pa.string()),
                "file_name": pa.array([plain_name(Path(f.path).name) for f in some], pa.string()),
            }
        )
        rows = np.arange(start, start + len(some), dtype=np.int64)
        yield Block(batch, rows, source.asset.root, source.asset.id)


def _label(path: str, source: Source) -> str | None:
    """The folder directly below the root; None for an image that lies in the root itself."""
    if not is_local(path):
        return path.rsplit("/", 2)[-2]
    inner = Path(path).relative_to(source.asset.root).parts
    return inner[0] if len(inner) > 1 else None
