"""The huggingface reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Huggingface(Spec):
    """The huggingface reader."""

    kind: Literal["huggingface"] = "huggingface"


@part("reader", Huggingface)
def huggingface(spec: Huggingface, *args: Any) -> Any:
    raise NotImplementedError
