"""The engine `ray`: tasks on a Ray cluster, by default one of this machine, for as long as the run
takes."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from pydantic import Field

from accord.data.engine.engine import Engine, Work
from accord.data.engine.window import AHEAD, in_order
from accord.errors import AccordError, DataError, Interrupted
from accord.leftovers import temporary_folder
from accord.part import Spec, part, require

RETRIES = 3
"""How often Ray does a unit again whose process was lost."""
MEMORY = Path("/dev/shm")
STORE_BYTES = 256 << 20
STORE_BYTES_A_WORKER = 128 << 20
START_SECONDS = 180
"""Time that a slow machine is given to start Ray."""
END_SECONDS = 10
"""Time that killed processes are given to be gone."""


class Ray(Spec):
    """Tasks on Ray."""

    kind: Literal["ray"] = "ray"
    address: str | None = None
    """`auto`, or `host:port` of a running cluster; by default a cluster of this machine alone,
    started and ended with the run."""
    workers: int | None = Field(default=None, ge=1)
    """Tasks at the same time; by default one for each core of the cluster."""


class _Ray:
    def __init__(self, spec: Ray, library: Any) -> None:
        self.spec, self.ray = spec, library
        self.workers = spec.workers or 1
        self._folders = ExitStack()
        self._started = False
        self._folder: str | None = None

    def __enter__(self) -> _Ray:
        try:
            if not self.ray.is_initialized():
                self._start()
        except BaseException:
            self._folders.close()
            raise
        cores = self.ray.cluster_resources().get("CPU", 1)
        self.workers = self.spec.workers or max(1, int(cores))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._folders:
            if self._started:
                self.ray.shutdown()

    def map(self, work: Work, units: Iterable[Any]) -> Iterator[Any]:
        """The work is sent once and kept by each process of the cluster."""
        stored, name = self.ray.put(work), secrets.token_hex(8)
        task = self.ray.remote(_do).options(num_cpus=1, max_retries=RETRIES)

        def ask(unit: Any) -> Any:
            return task.remote(name, [stored], unit)

        yield from in_order(units, ask, self._answer, AHEAD * self.workers)

    def _answer(self, ticket: Any) -> Any:
        failures = self.ray.exceptions
        try:
            return self.ray.get(ticket)
        except failures.RayTaskError as error:
            # Ray raises a class of its own that is both; the user is told what the work said.
            if isinstance(error.cause, AccordError):
                raise error.cause from None
            raise
        except (failures.WorkerCrashedError, failures.OutOfMemoryError) as error:
            raise _lost(error) from error
        except failures.RayError as error:
            raise _failed(str(error)) from error

    def _start(self) -> None:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing phones home
        shared: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False}
        try:
            with _stopping_at_once():
                if self.spec.address is None:
                    self.ray.init(address="local", logging_level="error", **shared, **self._alone())
                else:
                    self.ray.init(address=self.spec.address, logging_level="error", **_joining())
        except (KeyboardInterrupt, SystemExit):
            self._abandon()
            raise Interrupted(
                "stopped while Ray was started",
                code="interrupted",
                fix="run the same command with --resume to begin this stage again",
            ) from None
        except Exception as error:  # Ray raises a bare one of a node that is late
            self._abandon()
            raise _failed(str(error)) from error
        self._started = True

    def _abandon(self) -> None:
        """End what a start that came to nothing has started: Ray would when this process ends."""
        import psutil

        self.ray.shutdown()
        if self._folder is None:
            return
        mine = list(_at_work_in(self._folder))
        for process in mine:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(mine, timeout=END_SECONDS)

    def _alone(self) -> dict[str, Any]:
        """A cluster of this machine: what it writes stands in memory, as far as there is such a
        folder, and objects are never put on a disk for want of memory."""
        os.environ.setdefault("RAY_raylet_start_wait_time_s", str(START_SECONDS))
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else a file in the home
        where = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
        # Ray lets everybody into the folder that it is given; this one lies in one of ours.
        folder = self._folders.enter_context(temporary_folder("ray", where))
        self._folder = str(folder)
        workers = self.spec.workers or len(os.sched_getaffinity(0))
        config = {
            "automatic_object_spilling_enabled": False,
            "agent_register_timeout_ms": START_SECONDS * 1000,
        }
        return {
            "num_cpus": workers,
            "object_store_memory": STORE_BYTES + workers * STORE_BYTES_A_WORKER,
            "_temp_dir": str(folder),
            "_system_config": config,
        }


@contextmanager
def _stopping_at_once() -> Generator[None]:
    """Within it SIGINT and SIGTERM raise: a start can take minutes, and saves nothing. Of SIGTERM
    Ray takes care itself, and exits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _at_work_in(folder: str) -> Iterator[Any]:
    """Other processes whose command line names a folder, or that write into it: some have lost
    their parent by now, and gave themselves a name that tells nothing."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error):
            written = (file.path for file in process.open_files())
            if process.pid != os.getpid() and any(
                folder in told for told in (*process.cmdline(), *written)
            ):
                yield process


def _joining() -> dict[str, Any]:
    return {"log_to_driver": False}


_given: dict[str, Work] = {}


def _do(name: str, stored: list[Any], unit: Any) -> Any:
    """One unit, in a process of the cluster, which keeps the work of the pass it is in."""
    if name not in _given:
        import ray

        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        _given.clear()
        _given[name] = ray.get(stored[0])
    return _given[name](unit)


def _lost(error: Exception) -> DataError:
    return DataError(
        "the processes that prepare the data end before they are done",
        code="worker-died",
        path="data.engine",
        got=str(error).partition("\n")[0][:200],
        why="each of them was ended from outside; most often memory does not suffice for all",
        fix="give fewer `workers`, or leave `data.engine` out",
    )


def _failed(told: str) -> DataError:
    return DataError(
        "Ray does not do the work",
        code="engine-failed",
        path="data.engine",
        got=told.strip().partition("\n")[0][:300],
        why="the data cannot be prepared where the recipe wants it",
        fix="see that the cluster runs (`ray status`) and its address, or leave `data.engine` out",
    )


@part("engine", Ray)
def ray(spec: Ray) -> Engine:
    """Ray is started when the first pass begins, and ended with the last one."""
    return _Ray(spec, require("ray", "ray", "preparing data on Ray"))
