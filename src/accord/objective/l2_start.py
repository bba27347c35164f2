"""The l2-start penalty."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class L2Start(Spec):
    """The l2-start penalty."""

    kind: Literal["l2-start"] = "l2-start"


@part("penalty", L2Start)
def l2_start(spec: L2Start, *args: Any) -> Any:
    raise NotImplementedError
