"""The regression scorer."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Regression(Spec):
    """The regression scorer."""

    kind: Literal["regression"] = "regression"


@part("scorer", Regression)
def regression(spec: Regression, *args: Any) -> Any:
    raise NotImplementedError
