"""The tensorboard sink."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Tensorboard(Spec):
    """The tensorboard sink."""

    kind: Literal["tensorboard"] = "tensorboard"


@part("sink", Tensorboard)
def tensorboard(spec: Tensorboard, *args: Any) -> Any:
    raise NotImplementedError
