"""Little, or nothing, is left of what may be spent of the data."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from accord.diagnose.finding import (
    Figure,
    Finding,
    Looking,
    Remedy,
    fine,
    not_applicable,
)
from accord.diagnose.seen import Seen
from accord.errors import BudgetError, Problems
from accord.part import part

SPENT = ("runs", "accesses", "epsilon")


class PrivacyBudget(Looking):
    """Runs, accesses or privacy loss that an agreement gives, and what is left of them."""

    title: ClassVar[str] = "Privacy budget"
    place: ClassVar[int] = 150
    reads: ClassVar[bool] = False
    kind: Literal["privacy-budget"] = "privacy-budget"
    runs: int = Field(default=2, ge=1)
    """Runs like this one that should be left after it."""


@part("problem", PrivacyBudget)
def privacy_budget(spec: PrivacyBudget, seen: Seen) -> Finding:
    """What the ledger says, and what this run would take; a diagnosis takes one access."""
    refused = seen.refused
    problems = refused.problems if isinstance(refused, Problems) else (refused,)
    over = [one for one in problems if isinstance(one, BudgetError)]
    if over:
        return Finding(
            "found",
            f"The budget does not suffice for this run: {over[0].problem}.",
            (Figure("budgets that do not suffice", len(over)),),
            "high",
            (Remedy(f"{(over[0].fix or 'ask the rights holder for more').capitalize()}."),),
        )
    if not seen.budgets:
        return not_applicable("No agreement limits how often the data may be used.")
    figures: list[Figure] = []
    least = float("inf")
    for budget in seen.budgets:
        for name in SPENT:
            left, cost = budget["left"].get(name), budget["cost"].get(name)
            if left is None:
                continue
            figures.append(Figure(f"{name} of {budget['agreement']} left", left, name))
            if cost:
                figures.append(Figure(f"{name} this run takes", cost, name))
                least = min(least, left / cost)
    if least > spec.runs:
        return fine("Enough is left for this run and further ones.", *figures)
    return Finding(
        "found",
        "After this run hardly any is left: no second try, and no evaluation on these data later.",
        tuple(figures),
        "medium",
        (Remedy("Try on other data first, and ask the rights holder for more in time."),),
    )
