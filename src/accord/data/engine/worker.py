"""A process that works on units: the work of a pass is fetched once, then done on each."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Mapping
from multiprocessing.connection import wait
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import accord.data.work  # noqa: F401 # pyright: ignore[reportUnusedImport] - before a process is copied
from accord.data.engine.engine import Work

_given: dict[str, Work] = {}


def begin(environment: Mapping[str, str]) -> None:
    """Make ready for units.

    Args:
        environment: Of the process that asks, as it is now: keys may be named by a variable.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks says when to stop
    threading.Thread(target=_end_with_the_one_that_asks, daemon=True).start()
    os.environ.update(environment)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there is a process for each core already


def do(place: str, unit: Any) -> Any:
    """What the work makes of a unit.

    Args:
        place: Name of the shared memory that holds the work of the pass, pickled.
    """
    if place not in _given:
        _given.clear()
        shared = SharedMemory(place)
        assert shared.buf is not None  # it has just been opened
        _given[place] = pickle.loads(shared.buf)
        shared.close()
    return _given[place](unit)


def _end_with_the_one_that_asks() -> None:
    """However it ended: a process that waits for units of none would wait for ever."""
    asking = multiprocessing.parent_process()
    if asking is not None:
        wait([asking.sentinel])
        os._exit(1)
