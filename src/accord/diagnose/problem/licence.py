"""Agreements that forbid the use, or do not clearly allow it."""

from __future__ import annotations

from typing import ClassVar, Literal

from accord.diagnose.finding import Figure, Finding, Looking, Remedy, fine
from accord.diagnose.seen import Seen
from accord.errors import AgreementError, Problems
from accord.part import part


class Licence(Looking):
    """The verdict over all agreements for the intended use."""

    title: ClassVar[str] = "Licence conflicts"
    place: ClassVar[int] = 140
    reads: ClassVar[bool] = False
    kind: Literal["licence"] = "licence"


@part("problem", Licence)
def licence(spec: Licence, seen: Seen) -> Finding:
    """As `accord check` judges it."""
    refused = seen.refused
    if seen.permit is None and refused is not None:
        problems = refused.problems if isinstance(refused, Problems) else (refused,)
        forbidding = [one for one in problems if isinstance(one, AgreementError)]
        if forbidding:
            one = forbidding[0]
            return Finding(
                "found",
                f"An agreement forbids this use: {one.got or one.problem}.",
                (Figure("agreements that forbid it", len(forbidding)),),
                "high",
                (Remedy(f"{(one.fix or 'use other data, or ask for other terms').capitalize()}."),),
            )
    if seen.permit is None:
        return Finding("not looked at", "There is no permit: see the error.")
    judged = seen.permit.judged
    open_questions = [str(one["ask"]) for one in judged.get("questions", ())]
    figures = (
        Figure("works opened", len(seen.permit.works)),
        Figure("obligations", len(seen.permit.obligations)),
        Figure("open questions", len(open_questions)),
    )
    if seen.permit.verdict == "allow":
        return fine("Every agreement allows this use.", *figures)
    asked = " ".join(open_questions[:2])
    doubts = [str(one["why"]) for one in judged.get("findings", ()) if one["verdict"] != "allow"]
    say = "Answer what is open under `use:` in the recipe" if asked else "Ask the rights holder"
    meaning = asked or (doubts[0] if doubts else "terms are read in more than one way.")
    return Finding(
        "found",
        f"It is not sure that every agreement allows this use: {meaning}",
        figures,
        "medium",
        (Remedy(f"{say}; `accord agree check RECIPE` shows the clauses."),),
    )
