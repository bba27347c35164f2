"""The sgd optimizer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Sgd(Spec):
    """The sgd optimizer."""

    kind: Literal["sgd"] = "sgd"


@part("optimizer", Sgd)
def sgd(spec: Sgd, *args: Any) -> Any:
    raise NotImplementedError
