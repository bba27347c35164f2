"""`accord train`: the whole flow."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

if TYPE_CHECKING:
    from accord.recipe.load import Loaded


def train(
    recipe: RecipeArgument,
    overrides: SetOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Run directory; by default runs/<recipe>-<time>."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the last run of this recipe stopped.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything, say what would be done, stop.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train, evaluate and report what a recipe describes."""
    from accord.recipe.load import load_recipe

    loaded = load_recipe(recipe, overrides or ())
    target = output or (latest_run(loaded) if resume else fresh_run(recipe))
    if dry_run:
        from accord.cli.check import show_check

        show_check(loaded, target, as_json=as_json)
        return
    from accord.report.console import print_summary, progress
    from accord.run import run

    with loaded.placing(), progress() as sink:
        finished = run(loaded.recipe, loaded.base, target, resume=resume, sinks=(sink,))
    print_summary(finished.path)
    if as_json:
        typer.echo(json.dumps(finished.summary, ensure_ascii=False))


def fresh_run(recipe: Path) -> Path:
    """`runs/<recipe>-<UTC time>`, a folder that is not there yet."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{recipe.stem}-{stamp}"
    taken = (Path("runs") / (name if n == 1 else f"{name}-{n}") for n in range(1, 1000))
    return next(path for path in taken if not path.exists())


def latest_run(loaded: Loaded) -> Path:
    """The newest run directory of a recipe file below `runs/`.

    Raises:
        RecipeError: There is none.
    """
    from accord.errors import RecipeError

    stem = loaded.path.stem if loaded.path else ""
    found = sorted(Path("runs").glob(f"{stem}-[0-9]*T[0-9]*Z*"))
    if not found:
        raise RecipeError(
            "there is no run of this recipe to go on with",
            code="run-missing",
            path=f"runs/{stem}-*",
            fix="name its folder with --output, or train without --resume",
        )
    return found[-1]
