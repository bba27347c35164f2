"""`accord`: the verbs, and the one place where a failure becomes a message and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from accord.cli import quiet
from accord.cli.agree import agree
from accord.cli.audit import audit
from accord.cli.augment import augment
from accord.cli.check import check
from accord.cli.compare import compare
from accord.cli.diagnose import diagnose
from accord.cli.doctor import doctor
from accord.cli.evaluate import evaluate
from accord.cli.failure import ending_in_order, failing
from accord.cli.init import init
from accord.cli.keys import app as keys
from accord.cli.keys import refuse_inline
from accord.cli.ledger import app as ledger
from accord.cli.predict import predict
from accord.cli.privacy import app as privacy
from accord.cli.prove import prove
from accord.cli.release import app as release
from accord.cli.report import report
from accord.cli.schema import schema
from accord.cli.train import train
from accord.cli.vault import app as vault
from accord.cli.withdraw import withdraw

app = typer.Typer(
    name="accord",
    help="Trains large models under agreements: one recipe from data to report.",
    epilog="Start with: accord init text-classification my-project",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for verb in (
    init, check, diagnose, augment, train, evaluate, predict, report, compare, prove, audit,
    withdraw,
    schema, doctor,
):  # fmt: skip
    app.command()(verb)
app.add_typer(agree, name="agree", help="What agreements allow: judged, signed, verified.")
app.add_typer(release, name="release", help="Give a model on, or verify one that was given.")
app.add_typer(keys, name="keys", help="Keys that agreements, permits and models are signed with.")
app.add_typer(vault, name="vault", help="Data encrypted at rest, with a key that stays outside.")
app.add_typer(privacy, name="privacy", help="What private training comes to, beforehand.")
app.add_typer(ledger, name="ledger", help="What was spent on whose data, and whether it holds.")


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"accord {version('accord')}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback when something fails.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Options that every verb has."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with one of the documented exit codes."""
    quiet.quiet()
    given = list(sys.argv[1:] if arguments is None else arguments)
    # `--debug` counts wherever it stands, also behind the verb: that is where one adds it.
    debug = "--debug" in _before_separator(given)
    given = [a for i, a in enumerate(given) if a != "--debug" or i >= _separator(given)]
    with failing(debug=debug), ending_in_order():
        refuse_inline(given)
        app(args=given, prog_name="accord", standalone_mode=True)


def _separator(arguments: Sequence[str]) -> int:
    return arguments.index("--") if "--" in arguments else len(arguments)


def _before_separator(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: _separator(arguments)]


if __name__ == "__main__":
    main()
