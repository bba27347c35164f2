"""The adamw optimizer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Adamw(Spec):
    """The adamw optimizer."""

    kind: Literal["adamw"] = "adamw"


@part("optimizer", Adamw)
def adamw(spec: Adamw, *args: Any) -> Any:
    raise NotImplementedError
