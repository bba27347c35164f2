"""The causal-lm encoder."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Causal(Spec):
    """The causal-lm encoder."""

    kind: Literal["causal-lm"] = "causal-lm"


@part("encoder", Causal)
def causal(spec: Causal, *args: Any) -> Any:
    raise NotImplementedError
