"""`accord diagnose`: typical problems, each with its figure and its remedy."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

if TYPE_CHECKING:
    from accord.diagnose.finding import Figure, Finding
    from accord.diagnosing import Applied, Diagnosis

WIDEST, NARROWEST = 96, 48
COLORS = {
    "high": typer.colors.RED,
    "medium": typer.colors.YELLOW,
    "low": typer.colors.CYAN,
    "remedied": typer.colors.GREEN,
    "fine": typer.colors.GREEN,
}
FIGURES = 3
INDENT = 15


def diagnose(
    recipe: RecipeArgument,
    problem: Annotated[
        list[str] | None,
        typer.Argument(help="Problems to look for, or to remedy; by default all."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", "-a", help="Write the remedies into the recipe.")
    ] = False,
    overrides: SetOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder of the page; by default diagnoses/<recipe>."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Look for typical problems of data, recipe and machine; write the remedies."""
    from accord.diagnosing import apply as applied_to
    from accord.diagnosing import diagnose_recipe, write_diagnosis
    from accord.errors import RecipeError
    from accord.processes import refuse_several
    from accord.recipe.load import load_recipe

    refuse_several("diagnose")
    if apply and overrides:
        raise RecipeError(
            "`--apply` and `--set` exclude each other",
            code="arguments-conflict",
            path="--apply",
            why="remedies would be written for a recipe that is not in the file",
            fix="write the values into the recipe first",
        )
    loaded = load_recipe(recipe, overrides or ())
    target = output or Path("diagnoses") / recipe.stem
    with _Progress() as progress:
        found = diagnose_recipe(loaded, problem or (), run=output, tell=progress.tell)
    applied = applied_to(found, loaded) if apply else None
    page = write_diagnosis(found, target)
    _print(found, page)
    if applied is not None:
        _print_applied(applied, str(recipe))
    if as_json:
        told = found.to_json()
        if applied is not None:
            told["applied"] = {"problems": list(applied.problems), "diff": applied.diff}
        typer.echo(json.dumps(told, ensure_ascii=False, default=float))
    if found.refused is not None:
        raise found.refused


class _Progress:
    """One line on stderr that says what is being looked at, where somebody can see it."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def tell(self, what: str) -> None:
        self._write(f"looking at {what} ...")

    def _write(self, line: str) -> None:
        if self.shown:
            sys.stderr.write(f"\r\x1b[2K{line[: _width() - 1]}")
            sys.stderr.flush()


def _print(found: Diagnosis, page: Path) -> None:
    rows = ", ".join(f"{name} {count:,}" for name, count in found.rows.items())
    typer.echo(f"recipe       {found.recipe}: {found.task}")
    typer.echo(f"data         {rows or 'not opened'}")
    for one in found.findings:
        if one.status not in ("found", "remedied"):
            _print_quiet(one)
    for one in found.findings:
        if one.status == "remedied":
            _print_quiet(one)
    for one in reversed(found.found):
        _print_found(one)
    typer.echo("")
    count = len(found.found)
    ready = sum(1 for one in found.found if one.remedy and one.remedy.patch)
    typer.echo(
        f"{'no problem' if not count else f'{count} problem' + ('s' if count > 1 else '')} found"
        + (f"; --apply writes {ready} remed{'ies' if ready > 1 else 'y'}" if ready else "")
    )
    typer.echo(f"page: {page}")


def _print_quiet(one: Finding) -> None:
    figure = f" ({figure_line(one.figures[0])})" if one.figures and one.status == "fine" else ""
    color = COLORS.get(one.status)
    left = _indent()
    label = typer.style(f"{one.status:<{INDENT - 1}}", fg=color, dim=color is None)
    text = f"{one.title}: {one.meaning}{figure}"
    lines = _wrapped(text, left)
    if left < INDENT:
        typer.echo(label)
    else:
        typer.echo(f"{label} {lines.pop(0)}")
    for line in lines:
        typer.echo(f"{'':{left}}{line}")


def _print_found(one: Finding) -> None:
    color = COLORS[one.severity or "low"]
    typer.echo("")
    typer.echo(
        typer.style(f"{one.severity or '':<14} ", fg=color, bold=True)
        + typer.style(f"{one.title}  ", bold=True)
        + typer.style(f"[{one.problem}]", dim=True)
    )
    left = _indent()
    told = [figure_line(figure) for figure in one.figures[:FIGURES]] + [one.meaning]
    told += [f"for example {', '.join(one.rows[:3])}"] if one.rows else []
    for text in told:
        for line in _wrapped(text, left):
            typer.echo(f"{'':{left}}{line}")
    if one.remedy is None:
        return
    for i, line in enumerate(_wrapped(one.remedy.say, left + 8)):
        typer.echo(f"{'':{left}}{'remedy: ' if not i else '        '}{line}")
    if one.remedy.patch is not None:
        from accord.recipe.amend import block

        for line in block(one.remedy.patch, 0):
            typer.echo(typer.style(f"{'':{left + 8}}{line}", fg=typer.colors.BLUE))
    for line in (one.remedy.command or "").splitlines():
        typer.echo(typer.style(f"{'':{left + 8}}{line}", fg=typer.colors.BLUE))


def _width() -> int:
    """Columns to write into: those of the terminal, within reason."""
    return min(WIDEST, max(NARROWEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def _indent() -> int:
    """Columns left of what is told; a narrow terminal has none to spare."""
    return INDENT if _width() >= 72 else 2


def _wrapped(text: str, left: int) -> list[str]:
    return textwrap.wrap(text, _width() - left, break_on_hyphens=False)


def figure_line(figure: Figure) -> str:
    """A figure for people: `labels that are wrong 12 % (10 % to 14 %), p < 0.001, of 500 rows`."""
    told = f"{figure.name}: {_value(figure.value, figure.unit)}"
    if figure.interval is not None:
        low, high = (_value(v, figure.unit) for v in figure.interval)
        told += f" ({low} to {high})"
    if figure.p_value is not None:
        told += ", p < 0.001" if figure.p_value < 0.001 else f", p = {figure.p_value:.3f}"
    return f"{told}; {figure.of}" if figure.of else told


def _value(value: float, unit: str) -> str:
    from accord.checking import gib
    from accord.cli.check import duration
    from accord.diagnose.finding import percent

    if unit == "share":
        return percent(value)
    if unit == "bytes":
        return gib(value)
    if unit == "seconds":
        return duration(value)
    whole = float(value).is_integer() or abs(value) >= 100
    number = f"{value:,.0f}" if whole else f"{value:.3g}"
    unit = unit.removesuffix("s") if value == 1 and unit in ("rows", "words", "tokens") else unit
    return f"{number} {unit}".rstrip()


def _print_applied(applied: Applied, recipe: str) -> None:
    typer.echo("")
    if not applied.diff:
        typer.echo(f"nothing to write: {recipe} is as it was")
        return
    for line in applied.diff.splitlines():
        color = {"+": typer.colors.GREEN, "-": typer.colors.RED}.get(line[:1])
        typer.echo(typer.style(line, fg=color))
    typer.echo(f"written into {recipe}: {', '.join(applied.problems)}")
