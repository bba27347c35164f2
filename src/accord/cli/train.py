"""`accord train`: the whole flow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption


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
    from accord.directories import fresh_run, latest_run
    from accord.processes import processes
    from accord.recipe.load import load_recipe

    loaded = load_recipe(recipe, overrides or ())
    target = output or (latest_run(recipe.stem) if resume else fresh_run(recipe.stem))
    if dry_run:
        from accord.cli.check import show_check

        show_check(loaded, target, as_json=as_json)
        return
    from accord.report.console import print_summary, progress
    from accord.run import run

    with loaded.placing(), progress() as sink:
        finished = run(
            loaded.recipe,
            loaded.base,
            target,
            resume=resume,
            sinks=(sink,),
            source=loaded.source,
        )
    if not processes().leads:
        return
    print_summary(finished.path)
    if as_json:
        typer.echo(json.dumps(finished.summary, ensure_ascii=False))
