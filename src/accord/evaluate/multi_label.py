"""The multi-label scorer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class MultiLabel(Spec):
    """The multi-label scorer."""

    kind: Literal["multi-label"] = "multi-label"


@part("scorer", MultiLabel)
def multi_label(spec: MultiLabel, *args: Any) -> Any:
    raise NotImplementedError
