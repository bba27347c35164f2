"""Where a file or folder stands while it is made: hidden beside its place. If whoever made it was
killed, it is removed when the next one is made there."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from accord.artifact import sync_path, sync_tree
from accord.leftovers import temporary_folder


@contextmanager
def half_made(target: Path) -> Generator[Path]:
    """A place for what takes that of `target` when the block ends well, complete and on disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(".vault", target.parent) as folder:
        half = folder / target.name
        yield half
        sync_tree(folder)
        half.replace(target)
        sync_path(target.parent)
