"""What an engine is: pieces of data in, what a pure function makes of each out, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

from accord.data.unit import Unit
from accord.part import Spec, find

Work = Callable[[Unit], Any]
"""A pure function that can be pickled, as can what it returns."""


class Engine(Protocol):
    """Does work on units. A part of slot `engine` is a function `(spec) -> Engine`.

    Use: as a context manager; leaving it ends every process that was started for it.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None: ...

    def map(self, work: Work, units: Iterable[Unit]) -> Iterator[Any]:
        """What `work` makes of each unit.

        Guarantees:
            In the order of the units, each once, whichever process did it; units are taken from
            their iterator no faster than results are taken from this one, but for a bounded number.

        Raises:
            AccordError: Whatever the work raises, at its place in the order; `worker-died` if a
                process ends again and again.
        """
        ...


def engine_of(spec: Spec | None) -> Engine:
    """The engine a recipe asks for; this process by default."""
    kind = find("engine", "here" if spec is None else spec.kind)
    return kind(spec or kind.spec(kind=kind.kind))
