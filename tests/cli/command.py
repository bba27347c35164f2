"""The command line: in this process, which has its libraries loaded, or in one of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from accord.cli.app import main


def accord(
    *arguments: str | Path, folder: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """What a user types, from the arguments to the exit status."""
    given = [str(argument) for argument in arguments]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            patch.setenv(name, os.environ[name])  # what the command changes is put back
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((stdin or "").encode()), "utf-8"))
        if folder is not None:
            patch.chdir(folder)
        try:
            main(given)
            status = 0
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
    told = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(given, status, *told)


def accord_apart(
    *arguments: str | Path, folder: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "accord.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=env,
        input=stdin,
        timeout=280,
        check=False,
    )


def python(code: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )
