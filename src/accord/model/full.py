"""The full adapter."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Full(Spec):
    """The full adapter."""

    kind: Literal["full"] = "full"


@part("adapter", Full)
def full(spec: Full, *args: Any) -> Any:
    raise NotImplementedError
