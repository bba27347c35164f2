"""Run directories as arguments."""

from __future__ import annotations

from pathlib import Path

from accord.errors import RecipeError


def require_run(path: Path) -> Path:
    """The path, if a run directory is there.

    Raises:
        RecipeError: There is no `summary.json` in it.
    """
    if not (path / "summary.json").is_file():
        raise RecipeError(
            "this is not a finished run directory",
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
