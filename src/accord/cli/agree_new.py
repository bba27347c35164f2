"""`accord agree new`: an agreement file from flags, or from an interview."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from accord.cli.agree_explain import LanguageOption, Tongue, WorkKind, words_of
from accord.cli.options import JsonOption

if TYPE_CHECKING:
    from accord.agreement.interview.answer import Answer

T = TypeVar("T")
HELP_DATA = "The data or the model it is about: the agreement goes beside it."
HELP_LICENSE = "SPDX id or expression, or a common name; repeated: all of them hold."
HELP_ACTS = "What may be done: train,evaluate,use,serve,share,train-on-output."


FileArgument = Annotated[
    Path | None,
    typer.Argument(help="By default agreement.yaml beside --data, or here.", show_default=False),
]
DataOption = Annotated[Path | None, typer.Option("--data", help=HELP_DATA)]
IdOption = Annotated[str | None, typer.Option("--id", help="A short name for it.")]
TitleOption = Annotated[str | None, typer.Option("--title", help="Its name for people.")]
KindOption = Annotated[WorkKind | None, typer.Option("--kind", help="data, model or service.")]
HolderOption = Annotated[str | None, typer.Option("--holder", help="Who holds the rights.")]
SourceOption = Annotated[str | None, typer.Option("--source", help="Where it comes from.")]
ObtainedOption = Annotated[str | None, typer.Option("--obtained", help="How it was come by.")]
LicenseOption = Annotated[list[str] | None, typer.Option("--license", help=HELP_LICENSE)]
ContractOption = Annotated[str | None, typer.Option("--contract", help="Number of a contract.")]
ActsOption = Annotated[list[str] | None, typer.Option("--acts", help=HELP_ACTS)]
SinceOption = Annotated[str | None, typer.Option("--since", help="First day: 2026-01-31.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Last day: 2027-12-31.")]
PurposeOption = Annotated[list[str] | None, typer.Option("--purpose", help="For no other.")]
RegionOption = Annotated[list[str] | None, typer.Option("--region", help="Nowhere else.")]
PartyOption = Annotated[list[str] | None, typer.Option("--party", help="Nobody else.")]
CommercialOption = Annotated[
    bool | None, typer.Option("--commercial/--no-commercial", help="Whether it is allowed.")
]
CiteOption = Annotated[str | None, typer.Option("--cite", help="What must be cited.")]
DeleteByOption = Annotated[
    str | None, typer.Option("--delete-by", help="Day by which copies must be deleted.")
]
EpsilonOption = Annotated[str | None, typer.Option("--epsilon", help="Privacy loss.")]
DeltaOption = Annotated[str | None, typer.Option("--delta", help="Of the privacy loss.")]
UnitOption = Annotated[
    str | None, typer.Option("--unit", help="Of privacy: record, user, group or source.")
]
EncryptedOption = Annotated[
    bool | None, typer.Option("--encrypted/--open", help="Whether copies are encrypted at rest.")
]
RunsOption = Annotated[str | None, typer.Option("--runs", help="Training runs.")]
AccessesOption = Annotated[
    str | None, typer.Option("--accesses", help="Times the data may be opened.")
]
NotesOption = Annotated[str | None, typer.Option("--notes", help="Free text.")]


def new(  # noqa: PLR0913 - each option is a key of the file
    file: FileArgument = None,
    data: DataOption = None,
    id: IdOption = None,
    title: TitleOption = None,
    kind: KindOption = None,
    holder: HolderOption = None,
    source: SourceOption = None,
    obtained: ObtainedOption = None,
    license: LicenseOption = None,
    contract: ContractOption = None,
    acts: ActsOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    purpose: PurposeOption = None,
    region: RegionOption = None,
    party: PartyOption = None,
    commercial: CommercialOption = None,
    cite: CiteOption = None,
    delete_by: DeleteByOption = None,
    encrypted: EncryptedOption = None,
    epsilon: EpsilonOption = None,
    delta: DeltaOption = None,
    unit: UnitOption = None,
    runs: RunsOption = None,
    accesses: AccessesOption = None,
    notes: NotesOption = None,
    language: LanguageOption = Tongue.ENGLISH,
    as_json: JsonOption = False,
) -> None:
    """Write an agreement: asks on a terminal for what the flags leave open."""
    from accord.agreement.interview.answer import compose
    from accord.agreement.interview.draft import as_yaml, read_back, write_new
    from accord.agreement.interview.place import likely, refuse_taken, target
    from accord.agreement.interview.questions import interview, parts

    path = target(file, data)
    refuse_taken(path)
    about = {"id": id, "title": title, "holder": holder, "source": source, "obtained": obtained}
    terms = {"contract": contract, "since": since, "until": until, "cite": cite, "notes": notes}
    others = {"delete_by": delete_by, "commercial": commercial, "kind": kind and kind.value}
    others |= {"encrypted": encrypted}
    several = {"license": license, "purpose": purpose, "region": region, "party": party}
    budget = {"epsilon": epsilon, "delta": delta, "unit": unit, "runs": runs, "accesses": accesses}
    flags: dict[str, Answer | None] = {**about, **terms, **others}
    flags |= {key: tuple(answers) for key, answers in several.items() if answers}
    flags["acts"] = tuple(act for one in acts or () for act in parts(one)) or None
    flags["budget"] = {key: part for key, part in budget.items() if part is not None} or None
    given = {key: answer for key, answer in flags.items() if answer is not None}
    offered = likely(path, data)
    if "license" in given or "acts" in given:
        answers = {"id": offered["id"], "kind": offered["kind"], **given}
    else:
        _need_terminal()
        answers = interview(Terminal(), given, offered)
    agreement = compose(answers, str(path))
    text = as_yaml(agreement)
    read_back(text, agreement)
    write_new(path, text)
    _show(path, language, as_json)


class Terminal:
    """Asks whoever sits at the terminal; questions go to stderr."""

    def text(self, question: str, default: str = "") -> str:
        """An answer in words."""
        return _answered(
            lambda: typer.prompt(question, default=default, show_default=bool(default), err=True)
        )

    def yes(self, question: str, default: bool = False) -> bool:
        """Yes or no."""
        return _answered(lambda: typer.confirm(question, default=default, err=True))

    def tell(self, line: str) -> None:
        """Say something."""
        typer.echo(line, err=True)


def _show(path: Path, language: Tongue, as_json: bool) -> None:
    """What the new agreement allows."""
    from accord.agreement.explain.explanation import explain
    from accord.agreement.explain.lines import lines
    from accord.agreement.explain.record import to_json
    from accord.agreement.explain.subject import of_agreement

    told = explain(of_agreement(path), words_of(language))
    if as_json:
        record = {"file": str(path), "explanation": to_json(told, date.today())}
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    typer.echo(f"{path}: written")
    for line in lines(told, date.today()):
        typer.echo(line)


def _answered(ask: Callable[[], T]) -> T:
    """An answer; to leave the terminal ends it all, and nothing is written."""
    try:
        return ask()
    except typer.Abort:
        raise KeyboardInterrupt from None


def _need_terminal() -> None:
    from accord.errors import RecipeError

    if not sys.stdin.isatty():
        raise RecipeError(
            "nothing says what is allowed, and there is nobody to ask",
            code="arguments-missing",
            path="accord agree new",
            expected="--license, or --acts, or a terminal to ask on",
            why="what an agreement does not allow, is not done",
            fix="for example: accord agree new --data rows.csv --license CC-BY-4.0",
        )
