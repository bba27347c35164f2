"""The single-label scorer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class SingleLabel(Spec):
    """The single-label scorer."""

    kind: Literal["single-label"] = "single-label"


@part("scorer", SingleLabel)
def single_label(spec: SingleLabel, *args: Any) -> Any:
    raise NotImplementedError
