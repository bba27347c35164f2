"""`accord ledger`: what was spent on whose data, and whether the record holds."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accord.cli.ledger_show import limit, show
from accord.cli.options import JsonOption, LedgerOption

if TYPE_CHECKING:
    from accord.agreement.ledger.checkpoint import Checkpoint
    from accord.agreement.ledger.database import Access
    from accord.agreement.ledger.ledger import Ledger
    from accord.agreement.ledger.vouched import Vouched

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why: it goes on record.", show_default=False)
]


app.command()(show)


@app.command()
def verify(
    ledger: LedgerOption = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Verify an exported file instead.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="Files of checkpoints that were kept elsewhere."),
    ] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option("--trust", help="Public keys, one of which must have signed a checkpoint."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find any edit, deletion, reordering or cut, and any charge no budget allowed."""
    from accord.agreement.ledger import verify as audit
    from accord.agreement.ledger.export import from_lines

    points = [point for path in checkpoint or () for point in _checkpoints(path)]
    signed = _vouched(points, trust) if trust else ()
    if export is not None:
        found = audit.verify(from_lines(_lines(export)), points)
    else:
        with _opened(ledger, "read") as opened:
            found = audit.verify(opened.entries(), points)
    if as_json:
        told = {"ledger": found.ledger, "entries": found.head.number, "head": found.head.hash}
        more = {"checkpoints": found.checkpoints, "recomputed": found.recomputed}
        seen = [{"entry": o.point.number, "at": o.point.at, "signer": o.signer} for o in signed]
        typer.echo(json.dumps(told | more | ({"signatures": seen} if trust else {})))
        return
    typer.echo(f"{found.head.number} entries hold; head {found.head.hash}")
    if signed:
        _print_signers(signed, found.head.number)
    elif points:
        typer.echo(
            f"{found.checkpoints} checkpoints are in place (--trust KEY: and their signatures)"
        )
    else:
        typer.echo("without a checkpoint that was kept elsewhere, a cut-off end cannot be seen")
    if not found.recomputed:
        typer.echo("dp-accounting is not installed: privacy figures were not computed again")


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File; else standard output.")
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Write the whole ledger as JSON Lines, which `verify --export` accepts."""
    from accord.agreement.ledger.export import to_lines

    with _opened(ledger, "read") as found:
        lines = to_lines(found.entries())
        if output is not None:
            _write(output, lines)
            return
        for line in lines:
            typer.echo(line)


@app.command()
def checkpoint(
    output: Annotated[Path, typer.Argument(help="File to add a line to; keep it elsewhere.")],
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            "-k",
            metavar="SOURCE",
            help="Sign it: FILE, env:NAME or command:PROGRAM ARGUMENTS.",
        ),
    ] = None,
    ledger: LedgerOption = None,
) -> None:
    """Note how long the ledger is, so that `verify --checkpoint` sees a cut-off end."""
    sign = None
    if key is not None:
        from accord.agreement.signing.key_source import key_source, load_key

        sign = load_key(key_source(key)).sign
    with _opened(ledger, "read") as found:
        point = found.checkpoint(sign)
    _write(output, [*(_lines(output) if output.exists() else ()), json.dumps(point.to_json())])
    typer.echo(f"entry {point.number}, head {point.hash}")


@app.command()
def amend(  # noqa: PLR0913 - the options of a verb
    agreement: Annotated[str, typer.Argument(help="Id of the agreement.")],
    dataset: Annotated[str, typer.Argument(help="Id of the data set.")],
    reason: ReasonOption,
    unit: Annotated[str, typer.Option("--unit", help="record, user, group or source.")] = "record",
    epsilon: Annotated[float | None, typer.Option("--epsilon")] = None,
    delta: Annotated[float | None, typer.Option("--delta")] = None,
    accesses: Annotated[int | None, typer.Option("--accesses")] = None,
    runs: Annotated[int | None, typer.Option("--runs")] = None,
    ledger: LedgerOption = None,
) -> None:
    """Change limits of a cap, with the reason on record; what is not named stays."""
    from dataclasses import replace

    from accord.accounting.unit import UNITS, Unit, invalid
    from accord.agreement.ledger.account import Account

    units: dict[str, Unit] = {str(name): name for name in UNITS}
    if unit not in units:
        raise invalid("unit", unit, ", ".join(UNITS))
    named = {"epsilon": epsilon, "delta": delta, "accesses": accesses, "runs": runs}
    given = {name: value for name, value in named.items() if value is not None}
    with _opened(ledger, "write") as found:
        account = Account(agreement, dataset, units[unit])
        cap = replace(found.balance(account).cap, **given)
        found.amend(account, cap, reason)
    limits = ", ".join(f"{name} {limit(getattr(cap, name))}" for name in named)
    typer.echo(f"{account}: {limits}")


@app.command()
def release(
    run: Annotated[str, typer.Argument(help="Name of a run that died.")],
    reason: ReasonOption,
    ledger: LedgerOption = None,
) -> None:
    """Give back what a dead run reserved and did not spend; if it lives, it is stopped."""
    with _opened(ledger, "write") as found:
        numbers = found.release(run, reason)
    typer.echo(f"{len(numbers)} reservations of {run} released")


@contextmanager
def _opened(location: str | None, access: Access) -> Generator[Ledger]:
    from accord.agreement.ledger.ledger import Ledger
    from accord.agreement.ledger.place import default_location

    with Ledger.open(location or default_location(), access=access) as found:
        yield found


def _checkpoints(path: Path) -> list[Checkpoint]:
    from accord.agreement.ledger.checkpoint import checkpoint_from_line

    return [checkpoint_from_line(line) for line in _lines(path)]


def _vouched(points: Sequence[Checkpoint], trust: Sequence[Path]) -> Sequence[Vouched]:
    from accord.agreement.ledger.vouched import vouched
    from accord.agreement.signing.key_source import read_public

    keys = [read_public(path) for path in trust]
    return vouched(points, {key.id: key.verify for key in keys})


def _print_signers(signed: Sequence[Vouched], last: int) -> None:
    for one in signed:
        who = f"trusted, signed by {one.signer}" if one.signer else "in place, but nobody signed it"
        typer.echo(f"checkpoint at entry {one.point.number}, of {one.point.at}: {who}")
    newest = max(one.point.number for one in signed if one.signer)
    if newest < last:
        typer.echo(f"no trusted checkpoint covers what came after entry {newest}")


def _lines(path: Path) -> list[str]:
    from accord.errors import RecipeError

    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            "this file cannot be read",
            code="file-unreadable",
            path=str(path),
            got=str(error),
            fix="check the path and that it may be read",
        ) from error


def _write(path: Path, lines: Iterable[str]) -> None:
    """All of a file or none."""
    from accord.disk import told_when_full

    half = path.with_name(path.name + ".part")
    with told_when_full(path.parent), half.open("w", encoding="utf-8") as stream:
        stream.writelines(line + "\n" for line in lines)
    half.replace(path)
