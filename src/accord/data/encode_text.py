"""The text-classification encoder."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Text(Spec):
    """The text-classification encoder."""

    kind: Literal["text-classification"] = "text-classification"


@part("encoder", Text)
def text(spec: Text, *args: Any) -> Any:
    raise NotImplementedError
