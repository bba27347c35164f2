"""From what an agreement says to a verdict: may a model be trained and evaluated on this?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accord.agreement.agreement_file import Agreement
from accord.agreement.permit import Verdict
from accord.errors import AgreementError
from accord.terms import ACTS, FREE, Act, Terms

NEEDED: tuple[Act, ...] = ("train", "evaluate")
"""A run trains on the data and evaluates on the part it holds out."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome of judging an agreement.

    Args:
        verdict: `allow`, or `warn` where a person must still look.
        obligations: What whoever uses or passes on the result must do.
        terms: What binds everything made from the data.
    """

    verdict: Verdict
    obligations: tuple[str, ...]
    terms: Terms


OWN = Judgement("allow", (), FREE)
"""`agreement: own`: the user holds all rights."""


def judge(agreement: Agreement, on: date) -> Judgement:
    """Whether the agreement lets a recipe train and evaluate on a day, and what it obliges to.

    Raises:
        AgreementError: It does not allow it, has expired, or allows nothing at all.
    """
    if agreement.until is not None and on > agreement.until:
        raise AgreementError(
            f"the agreement {agreement.id!r} ended on {agreement.until}",
            code="agreement-expired",
            path="data.agreement",
            got=str(on),
            expected=f"a day up to {agreement.until}",
            why="after its last day nothing in it is allowed any more",
            fix=f"renew it with {agreement.holder or 'the rights holder'} and change `until`",
        )
    if agreement.acts is None and agreement.license is None:
        raise AgreementError(
            f"the agreement {agreement.id!r} allows nothing: it has neither `acts` nor `license`",
            code="agreement-silent",
            path=agreement.file,
            expected="acts: [train, evaluate, use, share], or what you were granted of these",
            why="what an agreement does not allow, is not done",
            fix="write down what you were granted; for your own data use `agreement: own`",
        )
    missing = [act for act in NEEDED if agreement.acts is not None and act not in agreement.acts]
    if missing:
        raise AgreementError(
            f"the agreement {agreement.id!r} does not allow to {' and '.join(missing)}",
            code="agreement-forbids",
            path="data.agreement",
            got=", ".join(sorted(agreement.acts or ())) or "no act",
            expected=", ".join(NEEDED),
            why="a run trains on the data and evaluates on the part it holds out",
            fix=f"ask {agreement.holder or 'the rights holder'} for it, or use other data",
        )
    obligations = _obligations(agreement)
    terms = Terms(
        acts=agreement.acts if agreement.acts is not None else ACTS,
        obligations=frozenset(obligations),
        sources=frozenset((agreement.id,)),
        until=agreement.until,
    )
    return Judgement("warn" if agreement.acts is None else "allow", obligations, terms)


def _obligations(agreement: Agreement) -> tuple[str, ...]:
    found: list[str] = []
    if agreement.acts is None:
        found.append(
            f"{agreement.id}: read the licence {agreement.license} before you use or share the "
            "result; its text has not been judged yet"
        )
    if agreement.cite is not None:
        found.append(f"{agreement.id}: cite {agreement.cite}")
    return tuple(found)
