"""The token-label scorer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class TokenLabel(Spec):
    """The token-label scorer."""

    kind: Literal["token-label"] = "token-label"


@part("scorer", TokenLabel)
def token_label(spec: TokenLabel, *args: Any) -> Any:
    raise NotImplementedError
