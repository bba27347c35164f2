"""`accord compare`: runs side by side, with the significance of their differences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.cli.options import JsonOption

if TYPE_CHECKING:
    from accord.evaluate.significance import Comparison, Difference

COSTS = ("train_seconds", "samples_per_second", "tokens_per_second", "peak_memory_bytes")


class Split(StrEnum):
    """The splits that are judged."""

    VALIDATION = "validation"
    TEST = "test"


def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Two or more run directories.", show_default=False)
    ],
    split: Annotated[Split, typer.Option("--split", help="Whose rows.")] = Split.TEST,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", "-k", metavar="SOURCE", help="Of sealed runs; else what recipes say."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show metrics and efficiency of runs; each is held against the first."""
    from accord.directories import require_run
    from accord.evaluate.significance import compare as compared
    from accord.vaulting.keys import key_of_runs

    for run in runs:
        require_run(run)
    with key_of_runs(runs, key):
        found = compared(runs, split="validation" if split is Split.VALIDATION else "test")
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return
    _print(found)


def _print(found: Comparison) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{found.split}, {found.rows} rows both predicted, {found.confidence:.0%} intervals"
    table = Table("", *(str(run.path) for run in found.runs), box=None, title=title)
    for name in dict.fromkeys(name for run in found.runs for name in run.metrics):
        cells = [_shown(run.metrics.get(name)) for run in found.runs]
        told = [_told(found.differences, name, n) for n in range(len(found.runs))]
        table.add_row(name, *(f"{c}{t}" for c, t in zip(cells, told, strict=True)))
    table.add_section()
    for name in COSTS:
        costs = [run.summary.get("efficiency", {}).get(name) for run in found.runs]
        if any(cost is not None for cost in costs):
            table.add_row(name, *(_shown(cost) for cost in costs))
    Console().print(table)


def _told(differences: Sequence[Difference], metric: str, run: int) -> str:
    """The difference to the first run: `  +0.012 [0.001, 0.023] p=0.03`."""
    for found in differences:
        if found.metric == metric and found.run == run and found.difference is not None:
            interval = (
                f" [{found.interval[0]:+.3f}, {found.interval[1]:+.3f}]" if found.interval else ""
            )
            p_value = "" if found.p_value is None else f" p={found.p_value:.3f}"
            return f"  {found.difference:+.4f}{interval}{p_value}"
    return ""


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4f}"
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
