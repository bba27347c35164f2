"""The image-classification encoder."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Image(Spec):
    """The image-classification encoder."""

    kind: Literal["image-classification"] = "image-classification"


@part("encoder", Image)
def image(spec: Image, *args: Any) -> Any:
    raise NotImplementedError
