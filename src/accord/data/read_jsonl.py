"""The jsonl reader."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class Jsonl(Spec):
    """The jsonl reader."""

    kind: Literal["jsonl"] = "jsonl"


@part("reader", Jsonl)
def jsonl(spec: Jsonl, *args: Any) -> Any:
    raise NotImplementedError
