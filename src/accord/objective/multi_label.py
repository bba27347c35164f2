"""The multi-label objective."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class MultiLabel(Spec):
    """The multi-label objective."""

    kind: Literal["multi-label"] = "multi-label"


@part("objective", MultiLabel)
def multi_label(spec: MultiLabel, *args: Any) -> Any:
    raise NotImplementedError
