"""The next-token objective."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class NextToken(Spec):
    """The next-token objective."""

    kind: Literal["next-token"] = "next-token"


@part("objective", NextToken)
def next_token(spec: NextToken, *args: Any) -> Any:
    raise NotImplementedError
