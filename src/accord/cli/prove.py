"""`accord prove`: what a remedy does, measured with and without it over several seeds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

if TYPE_CHECKING:
    from accord.proving.effect import Effect
    from accord.proving.proof import Proof

SHOWN = 12


def prove(  # noqa: PLR0913 - the options of a verb
    recipe: RecipeArgument,
    remedy: Annotated[
        list[str],
        typer.Option(
            "--remedy",
            "-r",
            metavar="FIELD=VALUE|SECTION.PART|FILE",
            help="What makes the difference: balance.loss=focal, balance.focal, or a YAML file.",
            show_default=False,
        ),
    ],
    overrides: SetOption = None,
    seeds: Annotated[int, typer.Option("--seeds", "-n", help="Pairs of runs.")] = 5,
    same_rows: Annotated[
        bool,
        typer.Option("--same-rows", help="Judge all pairs on the rows of the recipe's data.seed."),
    ] = False,
    metric: Annotated[
        str | None,
        typer.Option("--metric", "-m", help="That the verdict is about; else the task's own."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder; by default proofs/<recipe>. It goes on."),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option("--jobs", "-j", help="Runs at a time, each a process; cores are divided."),
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Run a recipe with and without a remedy, over several seeds, and show the effect."""
    from accord.proving.prove import Ears, Plan
    from accord.proving.prove import prove as proved
    from accord.report.console import progress

    target = output or Path("proofs") / recipe.stem
    plan = Plan(tuple(remedy), seeds, same_rows, tuple(overrides or ()), metric, jobs)
    with progress() as sink:
        told = lambda line: typer.echo(line, err=True)  # noqa: E731
        found = proved(recipe, plan, target, Ears((sink,), told))
    _print(found, target)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))


def _print(found: Proof, target: Path) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if Console().is_terminal else 100)
    percent = f"{found.interval.confidence:.0%} interval"
    title = f"{', '.join(found.remedies)}: {len(found.seeds)} seeds, test rows"
    table = Table("", "without", "with", "difference", percent, "", box=None, title=title)
    for name in found.names[:SHOWN]:
        table.add_row(*_row(name, found.effects[name]))
    console.print(table)
    if len(found.effects) > SHOWN:
        console.print(f"{len(found.effects) - SHOWN} more figures are in the report")
    console.print(_sentence(found), soft_wrap=True, markup=False, highlight=False)
    report = target / "proof.html"
    console.print(f"report: {report}", soft_wrap=True, markup=False, highlight=False)


def _row(name: str, effect: Effect) -> tuple[str, ...]:
    interval = effect.interval
    return (
        name,
        _shown(effect.mean_without),
        _shown(effect.mean_with),
        f"{effect.difference:+.4f}",
        f"{interval[0]:+.4f} to {interval[1]:+.4f}" if interval else "-",
        effect.verdict or "",
    )


def _shown(value: float) -> str:
    return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4f}"


def _sentence(found: Proof) -> str:
    headline = found.headline
    if headline.verdict is None:
        return f"{found.metric} {headline.difference:+.4f}; one seed gives no interval"
    took = "" if found.time is None else f"; training took {found.time['ratio']:.2f} times as long"
    return f"{found.metric}: {headline.verdict}{took}"
