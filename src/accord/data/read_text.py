"""The text reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Text(Spec):
    """The text reader."""

    kind: Literal["text"] = "text"


@part("reader", Text)
def text(spec: Text, *args: Any) -> Any:
    raise NotImplementedError
