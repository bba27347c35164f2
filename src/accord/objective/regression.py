"""The regression objective."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Regression(Spec):
    """The regression objective."""

    kind: Literal["regression"] = "regression"


@part("objective", Regression)
def regression(spec: Regression, *args: Any) -> Any:
    raise NotImplementedError
