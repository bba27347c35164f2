"""The single-label objective."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class SingleLabel(Spec):
    """The single-label objective."""

    kind: Literal["single-label"] = "single-label"


@part("objective", SingleLabel)
def single_label(spec: SingleLabel, *args: Any) -> Any:
    raise NotImplementedError
