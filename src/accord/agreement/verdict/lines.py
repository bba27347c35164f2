"""A verdict for people: one line for what was decided, then why, what is owed, what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from accord.agreement.verdict import words
from accord.agreement.verdict.explain import Fix
from accord.agreement.verdict.finding import Finding, Obligation
from accord.agreement.verdict.use import Reading
from accord.agreement.verdict.verdict import Verdict
from accord.rule import DutyKind

ANSWER = {"allow": "allowed", "warn": "allowed with a warning", "deny": "not allowed"}
READING: dict[Reading, str] = {
    "literal": "what the texts do not say does not bind",
    "cautious": "what the texts leave open is taken to bind",
    "licensor": "as those who gave the works read their terms",
}
DUTY: dict[DutyKind, str] = {
    "cite": "name who made it, and its licence",
    "notice": "keep the notice",
    "copy-terms": "give a copy of its licence along",
    "state-changes": "say what was changed",
    "same-licence": "give the result on under",
    "pass-on": "bind those who get the result to the same limits of use",
    "disclose-source": "give the source along, or offer it",
    "name-prefix": "let the name of the result begin with",
    "display": "show",
    "delete-by": "delete it by",
    "report": "report",
    "dp": "train it with a privacy loss of at most",
    "register": "register",
    "encrypt": "keep it encrypted wherever it lies",
}


def lines(verdict: Verdict) -> Iterator[str]:
    """A verdict, line by line."""
    yield f"{verdict.target}: {ANSWER[verdict.answer]}"
    yield f"  reading: {verdict.reading}: {READING[verdict.reading]}"
    for finding in verdict.findings:
        yield from _finding(finding)
    if len(verdict.conflict) > 1:
        yield f"  together they leave nothing to choose: {words.every(verdict.conflict)}"
    for question in verdict.questions:
        yield f"  to be answered: {question.ask} ({words.every(question.works)})"
    if verdict.fixes:
        yield "  what would help:"
        yield from (f"    {_fix(fix)}" for fix in verdict.fixes)
    if verdict.outbound:
        yield f"  it can be given on under: {words.either(verdict.outbound)}"
    if verdict.answer != "deny":
        yield from _obligations(verdict.obligations)
    for remark in verdict.remarks:
        yield f"  set aside: {remark.work} ({remark.licence}): {remark.why}"
    yield "  This is no legal advice."


def _finding(finding: Finding) -> Iterator[str]:
    clause = f", {finding.rule.clause}" if finding.rule and finding.rule.clause else ""
    contested = " (contested)" if finding.rule and finding.rule.basis == "contested" else ""
    whose = f"{finding.work} ({finding.licence}{clause})"
    yield f"  {finding.answer}: {whose}: {finding.why}{contested}"


def _fix(fix: Fix) -> str:
    parts = [f"do without {words.every(fix.drop)}"] if fix.drop else []
    if fix.outbound:
        parts.append(f"give it on under {words.either(fix.outbound)}")
    if fix.names:
        parts.append(f"name it beginning with {words.either(fix.names)}")
    return ", and ".join(parts)


def _obligations(several: Sequence[Obligation]) -> Iterator[str]:
    work = None
    for one in several:
        if one.work != work:
            work = one.work
            title = f" {one.title}" if one.title else ""
            yield f"  owed for {work}{title} ({one.licence}):"
        what = f"{DUTY[one.duty]} {words.either(one.values)}" if one.values else DUTY[one.duty]
        when = f", if {one.when}" if one.when else ""
        clause = f" [{one.clause}]" if one.clause else ""
        yield f"    {what}{when}{clause}{' (contested)' if one.contested else ''}"
