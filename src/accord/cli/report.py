"""`accord report`: the HTML report of a run, from its directory alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="A run directory.", show_default=False)],
) -> None:
    """Write report.html of a run again and print its path."""
    from accord.directories import require_run

    require_run(run)
    from accord.report.html import write_report

    typer.echo(str(write_report(run) or run / "report.html"))
