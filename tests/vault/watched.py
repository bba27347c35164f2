"""Runs in processes of their own that keep a copy of every file before it goes.

What takes long to import is imported once; each run is then forked. A line of JSON on standard
input asks for one: `cwd`, `tmp`, `kept`, `log`, and `steps` such as {"verb": "train", ...}. It is
answered by a line with the `pid`, and when it has ended by one with its `status`.

Whatever Python is about to delete, empty or overwrite is copied to `kept` first; a thread copies
what the process has open, deleted files too. So all that was ever written can be looked at
afterwards.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import shutil
import stat
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PACKAGES = ("site-packages", "/proc/", "/sys/", "/usr/", "/dev/null")
HEAVY = (
    "PIL.ImageOps",
    "jinja2",
    "pyarrow.parquet.encryption",
    "ruamel.yaml",
    "scipy.stats",
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "sklearn.metrics",
    "torch._dynamo",
    "transformers.models.auto.modeling_auto",
    "transformers.models.bert.modeling_bert",
    "accord.cli.app",
    "accord.api",
    "accord.data.stage",
    "accord.train.stage",
    "accord.evaluate.stage",
    "accord.diagnosing",
    "accord.augmenting",
)


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
        """Files that this process has open, as often as they grow."""
        while True:
            self.look()
            time.sleep(0.05)

    def look(self) -> None:
        """Copy what this process has open, deleted files too, and has grown."""
        for place in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                self._descriptor(place)

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


def do(step: dict[str, Any]) -> None:
    """One verb: through Python where steps are arguments by name, else by the command line."""
    import accord
    from accord.cli.app import main as command

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


def run(job: Mapping[str, Any]) -> None:
    """All steps, watched. Their output goes to `log`, and whether core dumps are off at the end."""
    log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(job["cwd"])
    os.environ["TMPDIR"], tempfile.tempdir = job["tmp"], None
    watch = Watch(Path(job["kept"]))
    sys.addaudithook(watch.hear)
    threading.Thread(target=watch.descriptors, daemon=True).start()
    for step in job["steps"]:
        do(dict(step))
    dumps = [*resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3)]
    Path(job["log"]).with_name("dumps").write_text(json.dumps(dumps))


def main() -> None:
    for name in HEAVY:
        importlib.import_module(name)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                run(job)
                status = 0
            except BaseException:  # noqa: BLE001 - the fork must not go on with the loop
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        print(json.dumps({"pid": child}), flush=True)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"status": status}), flush=True)


if __name__ == "__main__":
    main()
