"""The l2 penalty."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class L2(Spec):
    """The l2 penalty."""

    kind: Literal["l2"] = "l2"


@part("penalty", L2)
def l2(spec: L2, *args: Any) -> Any:
    raise NotImplementedError
