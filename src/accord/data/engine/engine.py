"""What an engine is: pieces of data in, what a pure function makes of each out, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from accord.part import Spec, find

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Any], Any]
"""A pure function that can be pickled, as can what it is given and what it returns."""


class Engine(Protocol):
    """Does work on units. A part of slot `engine` is a function `(spec) -> Engine`.

    Of sealed data units, work and results are ciphertext (`guarded`): an engine knows of no key.

    Use: as a context manager; leaving it ends every process that was started for it.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
        /,
    ) -> None: ...

    def map(self, work: Callable[[Item], Result], units: Iterable[Item]) -> Iterator[Result]:
        """What `work` makes of each unit. It may be called while another pass is under way.

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
