"""A start of Ray that is stopped, or comes to nothing: at once, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from accord.data.engine.on_ray import Ray, _Ray
from accord.errors import AccordError

ORPHAN = "import os, time\nchild = os.fork()\nprint(child) if child else time.sleep(60)"


def lives(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Starting:
    """Starts processes as Ray does and takes its time: one has its folder in the command, another
    writes there, has a parent that is gone and tells nothing of it."""

    def __init__(self, signal: int | None) -> None:
        self.signal = signal

    def __call__(self, *, _temp_dir: str, **_: Any) -> None:
        self.folder = Path(_temp_dir)
        sleeping = "import time; time.sleep(60)"
        self.process = subprocess.Popen([sys.executable, "-c", sleeping, f"--in={_temp_dir}/x"])
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("w") as log:
            subprocess.run([sys.executable, "-c", ORPHAN], stdout=log, check=True)
        self.orphan = int((self.folder / "log").read_text())
        if self.signal is None:
            raise RuntimeError("the node is late")
        os.kill(os.getpid(), self.signal)
        time.sleep(30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, None])
def test_what_was_started_ends_with_a_start_that_does(number: int | None) -> None:
    heard: list[int] = []
    before = {n: signal.signal(n, lambda n, _: heard.append(n)) for n in (2, 15)}
    starting = Starting(number)
    library = SimpleNamespace(is_initialized=bool, init=starting, shutdown=lambda: None)
    began = time.monotonic()
    try:
        with pytest.raises(AccordError) as caught, _Ray(Ray(workers=1), library):
            pass
        assert caught.value.code == ("engine-failed" if number is None else "interrupted")
        assert not lives(starting.process.pid) and not lives(starting.orphan)
        assert time.monotonic() - began < 20
        assert not starting.folder.exists()
        os.kill(os.getpid(), signal.SIGINT)
        assert heard == [signal.SIGINT]
    finally:
        for n, handler in before.items():
            signal.signal(n, handler)
