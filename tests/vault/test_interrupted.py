"""Killed at any moment, or without room: plain files stay, or all that is sealed is there."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accord.errors import AccordError, exit_status
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.opened import open_to, rotate, verify
from accord.vaulting.seal import Binding, seal

ROWS = pa.table({"text": [f"{i} good soup {i * 7919}" for i in range(60_000)]})


@pytest.fixture
def key(tmp_path: Path) -> str:
    new_key(tmp_path / "k1")
    return f"file:{tmp_path / 'k1'}"


def data(folder: Path) -> Path:
    """A folder of some megabytes, in chunks and as Parquet."""
    folder.mkdir()
    pq.write_table(ROWS, folder / "rows.parquet", compression="none", row_group_size=5000)
    (folder / "rows.txt").write_bytes(os.urandom(2 << 20))
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def apart(work: Callable[[], object], largest: int | None = None) -> tuple[int, int]:
    """Do it in a process that may write no file larger than so; the process, and what it says."""
    told, telling = os.pipe()
    child = os.fork()
    if child:
        os.close(telling)
        return child, told
    status = 1
    try:
        os.dup2(telling, 2)
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        work()
        status = 0
    except AccordError as error:
        os.write(2, str(error).encode())
        status = exit_status(error)
    except BaseException as error:  # noqa: BLE001 - the fork must not go on with the tests
        os.write(2, repr(error).encode())
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended(child: int, told: int) -> tuple[int, str]:
    with os.fdopen(told) as stream:
        said = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


@pytest.mark.parametrize("name", ["data", "data/rows.parquet", "data/rows.txt"])
def test_without_room_to_seal_nothing_is_left_and_nothing_lost(
    tmp_path: Path, key: str, name: str
) -> None:
    data(tmp_path / "data")
    before, service = everything(tmp_path), service_named(key)
    plain = tmp_path / name
    for largest in (100, 1 << 20):  # no header fits, or not all of it
        done = apart(lambda: seal(plain, service, Binding("own"), remove=True), largest)
        status, said = ended(*done)
        assert status == 2 and "disk-full" in said and "run the same command again" in said, said
        assert "ignored" not in said and "Traceback" not in said, said
        assert everything(tmp_path) == before


def test_without_room_to_open_or_rotate_nothing_is_lost(tmp_path: Path, key: str) -> None:
    service = service_named(key)
    found = Path(seal(data(tmp_path / "data"), service, Binding("own")).path)
    new_key(tmp_path / "k2")
    other, before = service_named(f"file:{tmp_path / 'k2'}"), everything(tmp_path)
    opening = [
        lambda: open_to(found, service, "own", str(tmp_path / "open")),
        lambda: open_to(found / "rows.parquet", service, "own", str(tmp_path / "open.pq")),
        lambda: open_to(found / "rows.txt.sealed", service, "own", str(tmp_path / "open.txt")),
    ]
    for work, largest in (*((work, 1 << 17) for work in opening),
                          (lambda: rotate([found], service, other), 60)):  # fmt: skip
        status, said = ended(*apart(work, largest))
        assert status == 2 and "disk-full" in said and "ignored" not in said, said
        assert everything(tmp_path) == before
    assert verify(found, service) == 2


def test_a_seal_that_is_killed_leaves_all_or_nothing_in_its_place(tmp_path: Path, key: str) -> None:
    service = service_named(key)
    outcomes: set[bool] = set()
    for number in range(5):
        folder = tmp_path / f"try-{number}"
        folder.mkdir()
        plain = data(folder / "data")
        before = everything(plain)
        target = folder / "data.sealed"
        child, told = apart(lambda: seal(plain, service, Binding("own"), remove=True))  # noqa: B023
        began = time.monotonic()
        while number == 4 and not target.exists() and time.monotonic() - began < 30:
            time.sleep(0.001)
        time.sleep(0 if number == 4 else 0.008 * number)
        os.kill(child, signal.SIGKILL)
        ended(child, told)
        outcomes.add(target.exists())
        if not target.exists():
            assert everything(plain) == before
            # What is left of it is in the way of nothing.
            seal(plain, service, Binding("own"))
        assert verify(target, service) == 2
        open_to(target, service, "own", str(folder / "open"))
        again = everything(folder / "open")
        assert again["rows.txt"] == before["rows.txt"]
        assert pq.read_table(folder / "open" / "rows.parquet") == ROWS
    assert outcomes == {True, False}
