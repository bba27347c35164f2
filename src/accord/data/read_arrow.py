"""The arrow reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Arrow(Spec):
    """The arrow reader."""

    kind: Literal["arrow"] = "arrow"


@part("reader", Arrow)
def arrow(spec: Arrow, *args: Any) -> Any:
    raise NotImplementedError
