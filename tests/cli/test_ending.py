"""A process that is ended leaves no temporary folder: at once, or at the next start."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.cli.failure import ending_in_order, failing
from accord.leftovers import ALIVE, remove_leftovers, temporary_folder


def _works(where: Path) -> None:
    with failing(debug=False), ending_in_order(), temporary_folder("work", where) as folder:
        (folder / "rows").write_text("rows")
        time.sleep(60)


def _child(where: Path, work: Callable[[Path], None]) -> int:
    """A process that has a folder."""
    child = os.fork()
    if child == 0:
        status = 1
        # Whoever runs tests in the background may have them started with SIGINT ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            work(where)
        except SystemExit as end:
            status = int(str(end.code))
        finally:
            os._exit(status)
    while not list(where.glob("accord-work-*/x/rows")):
        time.sleep(0.002)
    return child


def _ended(child: int, number: int) -> int:
    os.kill(child, number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_whoever_is_asked_to_end_tidies_up(tmp_path: Path, number: int) -> None:
    assert _ended(_child(tmp_path, _works), number) == 130
    assert not list(tmp_path.iterdir())


def test_what_a_killed_one_leaves_goes_at_the_next_start(tmp_path: Path) -> None:
    killed = _child(tmp_path, _works)
    (of_killed,) = tmp_path.iterdir()
    assert of_killed.stat().st_mode & 0o777 == 0o700
    assert remove_leftovers("work", tmp_path) == [], "it lives"
    assert _ended(killed, signal.SIGKILL) == -signal.SIGKILL
    (tmp_path / "accord-work-new").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ALIVE).write_bytes(b"")
    (tmp_path / "accord-work-link").symlink_to(elsewhere)
    with temporary_folder("work", tmp_path) as own:
        assert not of_killed.exists()
        with temporary_folder("work", tmp_path) as other:
            assert own.is_dir() and other.is_dir()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["accord-work-link", "accord-work-new", "elsewhere"], "one may be being made"
    os.utime(tmp_path / "accord-work-new", (0, 0))
    assert remove_leftovers("work", tmp_path) == [tmp_path / "accord-work-new"]
