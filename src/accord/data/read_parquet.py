"""The parquet reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Parquet(Spec):
    """The parquet reader."""

    kind: Literal["parquet"] = "parquet"


@part("reader", Parquet)
def parquet(spec: Parquet, *args: Any) -> Any:
    raise NotImplementedError
