"""The constant schedule."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Constant(Spec):
    """The constant schedule."""

    kind: Literal["constant"] = "constant"


@part("schedule", Constant)
def constant(spec: Constant, *args: Any) -> Any:
    raise NotImplementedError


class Linear(Spec):
    """The linear schedule."""

    kind: Literal["linear"] = "linear"


@part("schedule", Linear)
def linear(spec: Linear, *args: Any) -> Any:
    raise NotImplementedError


class Cosine(Spec):
    """The cosine schedule."""

    kind: Literal["cosine"] = "cosine"


@part("schedule", Cosine)
def cosine(spec: Cosine, *args: Any) -> Any:
    raise NotImplementedError


class CosineRestarts(Spec):
    """The cosine-restarts schedule."""

    kind: Literal["cosine-restarts"] = "cosine-restarts"


@part("schedule", CosineRestarts)
def cosine_restarts(spec: CosineRestarts, *args: Any) -> Any:
    raise NotImplementedError


class Wsd(Spec):
    """The wsd schedule."""

    kind: Literal["wsd"] = "wsd"


@part("schedule", Wsd)
def wsd(spec: Wsd, *args: Any) -> Any:
    raise NotImplementedError
