"""Results in the order they were asked for, a bounded number of them under way."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Ticket = TypeVar("Ticket")
Result = TypeVar("Result")

AHEAD = 2
"""Units under way for each worker: one that it works on, one that waits for it."""


def in_order(
    items: Iterable[Item],
    ask: Callable[[Item], Ticket],
    answer: Callable[[Ticket], Result],
    most: int,
) -> Iterator[Result]:
    """The answer to every item; `most` are asked for and not yet answered."""
    waiting: deque[Ticket] = deque()
    for item in items:
        waiting.append(ask(item))
        if len(waiting) >= most:
            yield answer(waiting.popleft())
    while waiting:
        yield answer(waiting.popleft())


def cores() -> int:
    """CPU cores that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
