"""`accord check`: what a run would do, need and see, without training."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

if TYPE_CHECKING:
    from accord.checking import Findings
    from accord.data.preview import Preview
    from accord.diagnose.estimate import Estimate, Range
    from accord.recipe.load import Loaded


def check(
    recipe: RecipeArgument,
    overrides: SetOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A run directory: names the stages it has finished."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Validate recipe and data, show the first batch, estimate memory and time."""
    from accord.cli.quiet import without_pandas

    without_pandas()
    from accord.recipe.load import load_recipe

    show_check(load_recipe(recipe, overrides or ()), output, as_json=as_json)


def show_check(loaded: Loaded, output: Path | None, *, as_json: bool) -> None:
    """Check and print; also what `train --dry-run` does."""
    from accord.checking import check_recipe

    found = check_recipe(loaded, output)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, default=str))
        return
    _print(found, loaded)


def _print(found: Findings, loaded: Loaded) -> None:
    recipe = loaded.recipe
    data = found.data
    _line("recipe", f"{loaded.path or 'python'}: {found.task}")
    agreement = found.agreement
    _line("agreement", f"{agreement['id']}: {agreement['verdict']}")
    for question in agreement["questions"]:
        _line("", f"to be answered: {question}")
    for obligation in agreement["obligations"]:
        _line("", obligation)
    for budget in agreement["budgets"]:
        _line("budget", _of_budget(budget))
    if found.private is not None:
        _print_private(found.private)
    if data is None:
        _line("data", "not opened")
    else:
        _print_data(data)
    if found.estimate is not None:
        _print_estimate(found.estimate, recipe.train.precision)
    states = (f"{kind} ({'done already' if s == 'reuse' else 'to do'})" for kind, s in found.stages)
    _line("stages", " -> ".join((*states, "report")))
    for warning in found.warnings:
        _line("warning", warning)
    _line("ok", "nothing found that would stop a run")
    _line("", f"what may spoil it: accord diagnose {loaded.path or 'RECIPE'}")


def _print_private(private: Mapping[str, Any]) -> None:
    from accord.agreement.private_steps import price_line

    _line(
        "privacy",
        f"epsilon {private['epsilon']:.4g} at delta {private['delta']:g} for "
        f"{private['units']:,} {private['unit']}s: {private['steps']:,} steps, noise "
        f"{private['noise_multiplier']:g}, sampling {private['sampling_probability']:.4g}",
    )
    for price in private["budgets"]:
        _line("", price_line(price))


def _print_data(data: Preview) -> None:
    _line("data", data.headline())
    for line in data.details():
        _line("", line)
    _line("first batch", "" if data.hidden is None else f"not shown: {data.hidden}")
    for line in data.batch_lines():
        typer.echo(f"    {line}")


def _of_budget(budget: dict[str, Any]) -> str:
    from accord.agreement.ledger.line import cost_line, left_line

    whose = f"{budget['agreement']} by {budget['unit']}"
    return f"{whose}: {left_line(budget)}; this run takes {cost_line(budget['cost'])}"


def _print_estimate(found: Estimate, precision: str) -> None:
    from accord.checking import gib

    trained = "all" if found.trained == found.parameters else f"{found.trained:,}"
    _line("model", f"{found.parameters:,} parameters, {trained} trained, {precision}")
    _line("device", f"{found.device}, {found.steps:,} steps")
    low, middle, high = (
        gib(v) for v in (found.memory.low, found.memory.expected, found.memory.high)
    )
    _line("memory", f"about {middle} ({low} to {high}), {gib(found.available)} free  [estimate]")
    _line("time", f"{_times(found.seconds)}  [estimate, training alone]")


def _times(seconds: Range) -> str:
    low, middle, high = (duration(v) for v in (seconds.low, seconds.expected, seconds.high))
    return f"about {middle} ({low} to {high})" if low != high else middle


def duration(seconds: float) -> str:
    """Seconds for people: `40 s`, `12 min`, `3.5 h`, `2.1 days`."""
    if seconds < 1:
        return "under 1 s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def _line(name: str, text: str) -> None:
    typer.echo(f"{name:<12} {text}".rstrip())
