"""The token-label objective."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class TokenLabel(Spec):
    """The token-label objective."""

    kind: Literal["token-label"] = "token-label"


@part("objective", TokenLabel)
def token_label(spec: TokenLabel, *args: Any) -> Any:
    raise NotImplementedError
