"""The adafactor optimizer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Adafactor(Spec):
    """The adafactor optimizer."""

    kind: Literal["adafactor"] = "adafactor"


@part("optimizer", Adafactor)
def adafactor(spec: Adafactor, *args: Any) -> Any:
    raise NotImplementedError
