"""The image-folder reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class ImageFolder(Spec):
    """The image-folder reader."""

    kind: Literal["image-folder"] = "image-folder"


@part("reader", ImageFolder)
def image_folder(spec: ImageFolder, *args: Any) -> Any:
    raise NotImplementedError
