"""`accord compare`: runs side by side, with the significance of their differences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from accord.cli.options import JsonOption


def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Two or more run directories.", show_default=False)
    ],
    split: Annotated[str, typer.Option("--split", help="validation or test.")] = "test",
    as_json: JsonOption = False,
) -> None:
    """Show metrics and efficiency of runs side by side; the first is the one compared to."""
    from accord.directories import require_run
    from accord.errors import RecipeError

    if len(runs) < 2:
        raise RecipeError(
            "comparing needs at least two runs",
            code="arguments-missing",
            got=[str(run) for run in runs],
            fix="accord compare RUN RUN",
        )
    for run in runs:
        require_run(run)
    from accord.evaluate.significance import compare as significance

    summaries = [json.loads((run / "summary.json").read_text(encoding="utf-8")) for run in runs]
    against = [significance(runs[0], run, split) for run in runs[1:]]
    if as_json:
        typer.echo(json.dumps({"runs": [str(r) for r in runs], "differences": against}))
        return
    _print_table(runs, _rows(summaries, split))
    _print_differences(runs, against)


def _rows(summaries: Sequence[Mapping[str, Any]], split: str) -> dict[str, list[Any]]:
    metrics = [summary.get("metrics", {}).get(split, {}) for summary in summaries]
    costs = [summary.get("efficiency", {}) for summary in summaries]
    names = dict.fromkeys(name for found in metrics for name in found)
    rows = {name: [found.get(name) for found in metrics] for name in names}
    for name in ("train_seconds", "samples_per_second", "peak_memory_bytes"):
        rows[name] = [cost.get(name) for cost in costs]
    return rows


def _print_table(runs: Sequence[Path], rows: Mapping[str, Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("", *(run.name for run in runs), box=None)
    for name, values in rows.items():
        table.add_row(name, *(_shown(value) for value in values))
    Console().print(table)


def _print_differences(runs: Sequence[Path], against: Sequence[Mapping[str, Any]]) -> None:
    for run, found in zip(runs[1:], against, strict=True):
        typer.echo(f"\n{run.name} against {runs[0].name}, paired bootstrap:")
        for name, facts in found.items():
            typer.echo(f"  {name:<16} {_difference(facts)}")


def _difference(facts: Any) -> str:
    if not isinstance(facts, Mapping):
        return str(facts)
    return ", ".join(f"{key} {_shown(value)}" for key, value in facts.items())


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) >= 100 else f"{value:.4f}"
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]"
    return "-" if value is None else str(value)
