"""Temporary folders that go with the process, those of killed ones at the next start."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from types import ModuleType

ALIVE = ".alive"
"""A file in each folder, locked as long as its process lives: the kernel lets go of the lock
however that ends."""
GRACE_SECONDS = 3600
"""Age of a folder without that file from which on nobody is about to make it."""


@contextmanager
def temporary_folder(kind: str, where: Path | None = None) -> Generator[Path]:
    """A folder that only its owner may enter and that goes with the block.

    Args:
        kind: What it is for; part of its name, `accord-KIND-...`. One that begins with a point is
            hidden, `.accord-KIND-...`.
        where: Folder that it is made in; by default that of temporary files.
    """
    above = Path(tempfile.gettempdir()) if where is None else where
    remove_leftovers(kind, above)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(kind), dir=above))
    try:
        with (folder / ALIVE).open("wb") as alive:
            _locked(alive)
            inner = folder / "x"
            inner.mkdir(mode=0o700)
            yield inner
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers(kind: str, where: Path) -> list[Path]:
    """Delete this user's folders of a kind whose processes are gone; which they were."""
    gone = [one for one in where.glob(f"{_prefix(kind)}*") if _is_left(one)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone


def _prefix(kind: str) -> str:
    hidden = "." if kind.startswith(".") else ""
    return f"{hidden}accord-{kind.removeprefix('.')}-"


def _is_left(folder: Path) -> bool:
    with suppress(OSError):
        state = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or _lock() is None:
            return False
        if state.st_uid != os.getuid():
            return False
        try:
            with (folder / ALIVE).open("rb") as alive:
                return _locked(alive)
        except FileNotFoundError:
            return time.time() - state.st_mtime > GRACE_SECONDS
    return False


def _locked(stream: BinaryIO) -> bool:
    lock = _lock()
    if lock is None:
        return False
    try:
        lock.flock(stream, lock.LOCK_EX | lock.LOCK_NB)
    except OSError:
        return False
    return True


def _lock() -> ModuleType | None:
    try:
        import fcntl
    except ImportError:  # not POSIX: leftovers are the system's to clear
        return None
    return fcntl
