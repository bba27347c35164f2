"""The lora adapter."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Lora(Spec):
    """The lora adapter."""

    kind: Literal["lora"] = "lora"


@part("adapter", Lora)
def lora(spec: Lora, *args: Any) -> Any:
    raise NotImplementedError
