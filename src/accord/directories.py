"""Run and model directories as users name them."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from accord.errors import RecipeError

RUNS = Path("runs")
RECORDS = frozenset(("recipe.yaml", "events.jsonl", "summary.json", "artifacts"))
"""What a run writes before it has made anything."""
ENDING_SECONDS = 20
"""How long another process may take to end."""


def fresh_run(stem: str) -> Path:
    """`runs/<stem>-<UTC time>`, a folder that is not there yet."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (f"{stem}-{stamp}" if n == 1 else f"{stem}-{stamp}-{n}" for n in range(1, 1000))
    return next(RUNS / name for name in names if not (RUNS / name).exists())


def claim_run(output: Path, *, resume: bool) -> None:
    """Make the folder of a run, or take one over whose run ended before it made anything.

    Raises:
        RecipeError: Something else is there, and `resume` is not asked for.
    """
    if output.exists() and not output.is_dir():
        raise RecipeError(
            "the output is a file",
            code="output-exists",
            path=str(output),
            fix="name a folder with --output",
        )
    if not resume and output.is_dir() and any(output.iterdir()):
        if not _is_barren(output):
            raise RecipeError(
                "the output folder is not empty",
                code="output-exists",
                path=str(output),
                why="a run never overwrites another",
                fix="add --resume to go on with it, or name another folder with --output",
            )
        shutil.rmtree(output)
    output.mkdir(parents=True, exist_ok=True)


@contextmanager
def claimed_run(output: Path, *, resume: bool) -> Generator[None]:
    """The folder of a run, for this process alone; what a killed one had half made in it goes.

    Raises:
        RecipeError: Something else is there, or another process is at work on it.
    """
    claim_run(output, resume=resume)
    with _alone(output):
        for made in (output / "artifacts").glob(".*"):
            if made.is_dir():
                shutil.rmtree(made)
        yield


@contextmanager
def _alone(output: Path) -> Generator[None]:
    """Within the block the folder is locked; the kernel lets go of it however the process ends."""
    if os.name != "posix":
        yield
        return
    held = os.open(output, os.O_RDONLY)
    try:
        _lock(held, output)
        yield
    finally:
        os.close(held)


def _lock(held: int, output: Path) -> None:
    """Wait a while for a process that is ending, as those of a killed proof are."""
    import fcntl

    until = time.monotonic() + ENDING_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            pass
        except OSError:  # a file system without locks
            return
        if time.monotonic() > until:
            raise RecipeError(
                "another process is at work on this run",
                code="run-busy",
                path=str(output),
                why="two would write over each other",
                fix="wait for it or end it, or name another folder with --output",
            )
        time.sleep(0.2)


def latest_run(stem: str) -> Path:
    """The newest run directory of a recipe below `runs/`.

    Raises:
        RecipeError: There is none.
    """
    found = sorted(RUNS.glob(f"{stem}-[0-9]*T[0-9]*Z*"))
    if not found:
        raise RecipeError(
            "there is no run of this recipe to go on with",
            code="run-missing",
            path=str(RUNS / f"{stem}-*"),
            fix="name its folder with --output, or train without --resume",
        )
    return found[-1]


def require_run(path: Path) -> Path:
    """The path, if a run directory is there.

    Raises:
        RecipeError: There is no `summary.json` in it.
    """
    if not (path / "summary.json").is_file():
        raise RecipeError(
            "this is not a run directory",
            code="run-missing",
            path=str(path),
            expected="a folder that `accord train` wrote, with summary.json",
            fix="check the path; runs are written below runs/ by default",
        )
    return path


def model_folder(path: Path) -> Path:
    """The model directory of a run, or the path itself if it is one.

    Raises:
        RecipeError: Neither.
    """
    for folder in (path / "model", path):
        if (folder / "config.json").is_file():
            return folder
    raise RecipeError(
        "there is no model here",
        code="model-missing",
        path=str(path),
        expected="a run directory, or a model directory with config.json",
        fix="check the path; `accord train` writes the model to <run>/model",
    )


def placed_model(location: str, base: Path) -> str:
    """A model as a recipe names it; of a run directory its model.

    Args:
        location: Run or model directory, or hub id.
        base: Folder that relative paths start from.
    """
    folder = base / Path(location).expanduser()
    inside = folder / "model"
    is_run = not (folder / "config.json").is_file() and (inside / "config.json").is_file()
    return str(inside) if is_run else location


def _is_barren(output: Path) -> bool:
    """Whether a run was begun here that made nothing: its recipe or its data were wrong."""
    if not {path.name for path in output.iterdir()} <= RECORDS:
        return False
    try:
        status = json.loads((output / "summary.json").read_text("utf-8"))["status"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    made = (path.name for path in (output / "artifacts").glob("*"))
    return status == "failed" and all(name.startswith("permit-") for name in made)
