"""The next-token scorer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class NextToken(Spec):
    """The next-token scorer."""

    kind: Literal["next-token"] = "next-token"


@part("scorer", NextToken)
def next_token(spec: NextToken, *args: Any) -> Any:
    raise NotImplementedError
