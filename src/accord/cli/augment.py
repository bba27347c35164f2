"""`accord augment`: a few rows before and after each entry of `augment.rows`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.options import JsonOption, RecipeArgument, SetOption

if TYPE_CHECKING:
    from accord.augmenting import Augmented
    from accord.data.augment.step import Copies
    from accord.data.augmented import Shown

LONGEST, COLUMNS, CLASSES = 300, 8, 6
"""What fits: letters of a text, columns of a row, classes of an entry."""


def augment(
    recipe: RecipeArgument,
    overrides: SetOption = None,
    rows: Annotated[
        int, typer.Option("--rows", "-n", min=1, max=20, help="Rows shown, and copies of each.")
    ] = 3,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Contact sheet of images; by default previews/<recipe>.png."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what augmentation makes of a few training rows; trains nothing."""
    from accord.augmenting import augmentation_of
    from accord.recipe.load import load_recipe

    loaded = load_recipe(recipe, overrides or ())
    sheet = output or Path("previews") / f"{recipe.stem}.png"
    found = augmentation_of(loaded, rows, sheet)
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False, default=str))
        return
    _print(found, mixed=loaded.recipe.augment.mix is not None)


def _print(found: Augmented, *, mixed: bool) -> None:
    if found.hidden is not None:
        typer.echo(f"nothing shown: {found.hidden}")
    for entry in found.entries:
        _print_entry(entry)
    if found.sheet is not None:
        typer.echo(f"images: {found.sheet}")
    if mixed:
        typer.echo("augment.mix adds no rows: those of a batch are mixed while training")


def _print_entry(entry: Shown) -> None:
    title = f"{entry.number + 1}. {entry.kind}"
    typer.secho(title, bold=True, nl=False)
    typer.echo(f": {entry.added:,} new rows from {entry.rows:,}{_of_classes(entry)}")
    if not entry.added:
        typer.echo("    no row is copied: check `classes` and `rate`")
    if entry.modality == "image":
        return
    for copies in entry.copies:
        label = "" if copies.label is None else f" ({copies.label})"
        typer.secho(f"  row {copies.row}{label}", dim=True)
        for line in _table(copies) if entry.modality == "table" else _texts(copies):
            typer.echo(f"    {line}")
    typer.echo("")


def _of_classes(entry: Shown) -> str:
    copied = sorted(((n, c) for n, c in entry.classes.items() if c), key=lambda one: -one[1])
    named = ", ".join(f"{name}: {count:,}" for name, count in copied[:CLASSES])
    more = ", ..." if len(copied) > CLASSES else ""
    return f" ({named}{more})" if named else ""


def _texts(copies: Copies) -> list[str]:
    lines = [f"- {_short(value)}" for value in copies.old.values()]
    for cells in copies.new:
        changed = [value for name, value in cells.items() if value != copies.old[name]]
        lines += [f"+ {_short(value)}" for value in changed] or ["= unchanged"]
    return lines


def _table(copies: Copies) -> list[str]:
    """The cells that some copy changes, before and after."""
    found: list[str] = []
    for name, old in copies.old.items():
        after = [cells[name] for cells in copies.new]
        if any(value != old and value == value for value in after):
            found.append(f"{name}: {_cell(old)} -> {', '.join(map(_cell, after))}")
    if len(found) > COLUMNS:
        found[COLUMNS:] = [f"... and {len(found) - COLUMNS} more columns"]
    return found or ["= unchanged"]


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _short(value: Any) -> str:
    line = " ".join(str(value).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ..."
