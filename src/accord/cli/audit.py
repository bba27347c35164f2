"""`accord audit`: what a trained model gives away of single rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from accord.cli.options import JsonOption


def audit(
    run: Annotated[Path, typer.Argument(help="A finished run.", show_default=False)],
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference", help="A model for the same task that did not learn from these rows."
        ),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=10, help="Most rows of each kind.")] = 2000,
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.5, max=0.9999, help="Of the bound on epsilon.")
    ] = 0.95,
    seed: Annotated[int, typer.Option("--seed", help="Of what is drawn at random.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Attack a run's model and compare what is found with what the run claims.

    Exits with 5 if they contradict each other. The run's report shows it afterwards.
    """
    from accord.auditing import audit as attack
    from accord.auditing import contradicted, lines
    from accord.processes import refuse_several
    from accord.report.html import write_report

    refuse_several("audit")
    found = attack(
        run,
        reference=reference,
        rows=rows,
        confidence=confidence,
        seed=seed,
        tell=lambda line: typer.echo(f"  {line}", err=True),
    )
    write_report(run)
    for line in lines(found):
        typer.echo(line, err=as_json)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    if (error := contradicted(found)) is not None:
        raise error
