"""The csv reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Csv(Spec):
    """The csv reader."""

    kind: Literal["csv"] = "csv"


@part("reader", Csv)
def csv(spec: Csv, *args: Any) -> Any:
    raise NotImplementedError
