"""`accord privacy`: what private training comes to, before it costs anything."""

from __future__ import annotations

from typing import Annotated

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def privacy() -> None:
    """What private training comes to, before it costs anything."""


@app.command()
def plan(
    recipe: RecipeArgument,
    overrides: SetOption = None,
    epsilon: Annotated[
        list[float] | None,
        typer.Option(
            "--epsilon", "-e", min=0.001, help="Instead of 1, 2, 3, 5 and 8; may be repeated."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Noise, steps, batch and signal over noise at several epsilons, and better settings.

    Nothing is charged, and nothing is trained.
    """
    from accord.cli.quiet import without_pandas

    without_pandas()
    from accord.planning import as_line, lines, plan_privacy
    from accord.recipe.load import load_recipe

    found = plan_privacy(load_recipe(recipe, overrides or ()), epsilon or ())
    for line in lines(found):
        typer.echo(line, err=as_json)
    if as_json:
        typer.echo(as_line(found))
