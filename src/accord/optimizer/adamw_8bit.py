"""The adamw-8bit optimizer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Adamw8bit(Spec):
    """The adamw-8bit optimizer."""

    kind: Literal["adamw-8bit"] = "adamw-8bit"


@part("optimizer", Adamw8bit)
def adamw_8bit(spec: Adamw8bit, *args: Any) -> Any:
    raise NotImplementedError
