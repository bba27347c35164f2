"""A run in a process of its own that keeps a copy of every file before it goes.

Called as `watched.py KEPT STEP...`, a step being JSON: {"verb": "train", ...}. Whatever Python is
about to delete, empty or overwrite is copied to KEPT first; a thread copies what the process has
open, deleted files too. So all that was ever written can be looked at afterwards.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PACKAGES = ("site-packages", "/proc/", "/sys/", "/usr/", "/dev/null")


class Watch:
    """Copies what would be gone."""

    def __init__(self, kept: Path) -> None:
        self.kept, self.count, self.busy = kept, 0, threading.local()
        self.sizes: dict[tuple[int, int], int] = {}

    def keep(self, path: Any) -> None:
        """Copy a file, or all files of a folder."""
        if isinstance(path, int) or getattr(self.busy, "on", False):
            return
        self.busy.on = True
        try:
            where = Path(os.fsdecode(path))
            if where.is_dir():
                files = [p for p in where.rglob("*") if p.is_file()]
            else:
                files = [where] if where.is_file() else []
            for file in files:
                if self.kept not in file.parents:
                    self._copy(file)
        finally:
            self.busy.on = False

    def _copy(self, file: Path) -> None:
        self.count += 1
        name = f"{threading.get_ident()}-{self.count}-{file.name}"
        shutil.copyfile(file, self.kept / name)

    def hear(self, event: str, arguments: Sequence[Any]) -> None:
        if event in ("os.remove", "os.rmdir", "shutil.rmtree"):
            self.keep(arguments[0])
        elif event in ("os.rename", "os.truncate"):
            self.keep(arguments[-2] if event == "os.truncate" else arguments[1])
        elif event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_TRUNC:
            self.keep(arguments[0])

    def descriptors(self) -> None:
        """Files that this process has open, deleted ones too, as often as they grow."""
        while True:
            for place in Path("/proc/self/fd").iterdir():
                with suppress(OSError):
                    self._descriptor(place)
            time.sleep(0.05)

    def _descriptor(self, place: Path) -> None:
        target, found = str(place.readlink()), place.stat()
        known = (found.st_dev, found.st_ino)
        skipped = any(part in target for part in PACKAGES) or str(self.kept) in target
        if not stat.S_ISREG(found.st_mode) or skipped or self.sizes.get(known) == found.st_size:
            return
        self.sizes[known] = found.st_size
        self.busy.on = True
        self.count += 1
        shutil.copyfile(place, self.kept / f"fd-{self.count}-{Path(target).name.split(' ')[0]}")
        self.busy.on = False


def main() -> None:
    watch = Watch(Path(sys.argv[1]))
    sys.addaudithook(watch.hear)
    threading.Thread(target=watch.descriptors, daemon=True).start()
    import accord
    from accord.cli.app import main as command

    for step in map(json.loads, sys.argv[2:]):
        verb = step.pop("verb")
        if verb == "train":
            accord.train(step.pop("recipe"), **step)
        elif verb == "evaluate":
            accord.evaluate(**step)
        else:
            try:
                command([verb, *step["arguments"]])
            except SystemExit as end:
                assert not end.code, (verb, end.code)


if __name__ == "__main__":
    main()
