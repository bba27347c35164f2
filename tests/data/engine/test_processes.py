"""Processes that are lost, or whose run is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing import forkserver
from pathlib import Path

import psutil
import pytest

from accord.data.engine.processes import RETRIES
from accord.data.unit import Unit
from accord.errors import DataError
from accord.part import find
from accord.testing.working import UNITS, doubled, units

PART = find("engine", "processes")
SPEC = PART.spec.model_validate({"kind": "processes", "workers": 2})


def once_killed(unit: Unit) -> int:
    """Ends its process at the fifth unit, the first time it gets there."""
    mark = Path(os.environ["ACCORD_TEST_MARK"])
    if unit.run == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * unit.run


def always_killed(unit: Unit) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_a_lost_process_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_TEST_MARK", str(tmp_path / "mark"))
    with PART(SPEC) as engine:
        assert list(engine.map(once_killed, units())) == [2 * n for n in range(UNITS)]
    assert (tmp_path / "mark").exists()


def test_processes_that_are_always_lost_end_the_run() -> None:
    with PART(SPEC) as engine, pytest.raises(DataError) as caught:
        list(engine.map(always_killed, units()))
    assert caught.value.code == "worker-died"
    assert str(RETRIES) in str(caught.value)


def test_ctrl_c_reaches_the_process_that_asks_alone_and_none_is_left_behind() -> None:
    forkserver._forkserver._stop()  # one that another test has started hears Ctrl-C
    with PART(SPEC) as engine:
        made = engine.map(doubled, units())
        assert next(made) == 0
        for process in psutil.Process().children(recursive=True):  # as a terminal does
            process.send_signal(signal.SIGINT)
        assert list(made) == [2 * n for n in range(1, UNITS)]
        workers = _workers(os.getpid())
        assert workers
        (server,) = {worker.parent() for worker in workers}
        assert server is not None
        with open(f"/proc/{server.pid}/status") as status:  # noqa: PTH123 - no file of ours
            blocked = next(line for line in status if line.startswith("SigBlk"))
        assert int(blocked.split()[1], 16) & 1 << (signal.SIGINT - 1), "also while it begins"
    assert not _workers(os.getpid())


SCRIPT = """
from accord.part import find
from accord.testing.working import units
from tests.data.engine.test_processes import slowly
part = find("engine", "processes")
if __name__ == "__main__":
    with part(part.spec(kind="processes", workers=2)) as engine:
        for done in engine.map(slowly, units()):
            print(done, flush=True)
"""


def slowly(unit: Unit) -> int:
    time.sleep(0.2)
    return unit.run


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, text=True
    ) as run:
        assert run.stdout is not None and run.stdout.readline() == "0\n"
        workers = _workers(run.pid)
        run.kill()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert workers and not alive


def _workers(pid: int) -> list[psutil.Process]:
    """What the server process of a run has started."""
    children = psutil.Process(pid).children()
    servers = [c for c in children if "forkserver" in " ".join(c.cmdline())]
    return [worker for server in servers for worker in server.children()]
