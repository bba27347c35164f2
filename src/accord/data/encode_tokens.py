"""The token-classification encoder."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Tokens(Spec):
    """The token-classification encoder."""

    kind: Literal["token-classification"] = "token-classification"


@part("encoder", Tokens)
def tokens(spec: Tokens, *args: Any) -> Any:
    raise NotImplementedError
