"""`accord evaluate`: any saved model on any data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from accord.cli.options import JsonOption, SetOption


def evaluate(
    model: Annotated[Path, typer.Argument(help="A run or model directory.", show_default=False)],
    data: Annotated[
        str | None,
        typer.Option("--data", "-d", help="Rows to judge it on; by default the recipe's test."),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option("--recipe", help="Says what the columns mean; by default that of the run."),
    ] = None,
    overrides: SetOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for metrics and predictions.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a model on data and print its metrics."""
    from accord.evaluating import evaluate as measure
    from accord.processes import refuse_several

    refuse_several("evaluate")
    found = measure(model, data=data, recipe=recipe, set=tuple(overrides or ()), output=output)
    for name, value in found["metrics"].items():
        typer.echo(f"{name:<20} {_shown(value)}{_interval(found, name)}", err=as_json)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))


def _shown(value: Any) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _interval(found: dict[str, Any], name: str) -> str:
    interval = found.get("intervals", {}).get(name)
    return f"  [{interval[0]:.4f}, {interval[1]:.4f}]" if interval else ""
