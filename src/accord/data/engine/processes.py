"""The engine `processes`: several processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Any, Literal

from pydantic import Field

from accord.data.engine.engine import Engine, Work
from accord.data.engine.window import AHEAD, cores, in_order
from accord.errors import DataError
from accord.part import Spec, part

RETRIES = 3
"""How often in a pass lost processes are replaced."""


class Processes(Spec):
    """Processes of this machine, started and ended with the run."""

    kind: Literal["processes"] = "processes"
    workers: int | None = Field(default=None, ge=1)
    """By default one for each core that this process may use."""


@dataclass(slots=True)
class _Asked:
    place: str
    unit: Any
    pool: ProcessPoolExecutor
    future: Future[Any]


class _Processes:
    """Copies of a server process that has imported everything: cheap to start, and free of the
    threads of this one."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._shared: dict[str, SharedMemory] = {}
        self._lost = 0

    def __enter__(self) -> _Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._end()
        for place in tuple(self._shared):
            self._forget(place)

    def map(self, work: Work, units: Iterable[Any]) -> Iterator[Any]:
        place = self._share(pickle.dumps(work, protocol=5))
        self._lost = 0
        try:
            ask = partial(self._ask, place)
            yield from in_order(units, ask, self._answer, AHEAD * self.workers)
        finally:
            self._forget(place)

    def _ask(self, place: str, unit: Any) -> _Asked:
        from accord.data.engine import worker  # imports every step

        while True:
            pool = self._pool or self._start()
            try:
                return _Asked(place, unit, pool, pool.submit(worker.do, place, unit))
            except (BrokenProcessPool, EOFError, ConnectionError) as error:
                self._replace(pool, error)  # of the latter the server was lost

    def _answer(self, asked: _Asked) -> Any:
        while True:
            try:
                return asked.future.result()
            except BrokenProcessPool as error:
                self._replace(asked.pool, error)
                asked = self._ask(asked.place, asked.unit)

    def _start(self) -> ProcessPoolExecutor:
        from accord.data.engine import worker

        there = multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if "forkserver" in there else "spawn")
        context.set_forkserver_preload([worker.__name__])
        if "forkserver" in there:
            _serve()
        given = (dict(os.environ),)
        self._pool = ProcessPoolExecutor(self.workers, context, worker.begin, given)
        return self._pool

    def _share(self, content: bytes) -> str:
        """Put content where every process of this machine finds it, which is no disk; its name."""
        shared = SharedMemory(create=True, size=len(content))
        assert shared.buf is not None  # it has just been opened
        shared.buf[: len(content)] = content
        self._shared[shared.name] = shared
        return shared.name

    def _forget(self, place: str) -> None:
        shared = self._shared.pop(place, None)
        if shared is not None:
            shared.close()
            shared.unlink()

    def _replace(self, pool: ProcessPoolExecutor, error: Exception) -> None:
        """Go on with other processes; those of a pool all end when one of them does."""
        if pool is not self._pool:
            return
        self._lost += 1
        self._end()
        if self._lost > RETRIES:
            raise lost(self.workers) from error

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _serve() -> None:
    """Start the server that processes are copied from, unless it runs. It and they must not hear
    Ctrl-C, which a terminal sends to all: the process that asks says when to stop."""
    resource_tracker.ensure_running()  # apart: it lets signals through when it has started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def lost(workers: int) -> DataError:
    """The error for work that no process comes to the end of."""
    return DataError(
        "the processes that prepare the data end before they are done",
        code="worker-died",
        path="data.engine",
        got=f"{workers} workers, replaced {RETRIES} times",
        why="each of them was ended from outside; most often memory does not suffice for all",
        fix="give fewer `workers`, or leave `data.engine` out",
    )


@part("engine", Processes)
def processes(spec: Processes) -> Engine:
    """As many as asked for, or as there are cores."""
    return _Processes(spec.workers or cores())
