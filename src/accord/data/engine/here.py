"""The engine `here`: one process, one unit after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Literal

from accord.data.engine.engine import Engine, Item, Result
from accord.part import Spec, part


class Here(Spec):
    """In the process that runs the recipe."""

    kind: Literal["here"] = "here"


class _Here:
    def __enter__(self) -> _Here:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        return None

    def map(self, work: Callable[[Item], Result], units: Iterable[Item]) -> Iterator[Result]:
        return map(work, units)


@part("engine", Here)
def here(spec: Here) -> Engine:
    """No process is started."""
    return _Here()
