"""Identifiers of people in what is learned from."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from accord.diagnose.finding import Figure, Finding, Graded, Plot, Remedy, fine
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Modality

GRAVE = ("resident_id", "card", "ssn", "iban", "passport")
"""Kinds of which one is too many."""
WEAK = ("name", "url", "address", "ip", "mac", "coordinates", "credit_code", "date_of_birth")
"""Kinds that also stand for what is public: places, firms, people of the day."""


class PersonalData(Graded):
    """Share of rows with an identifier that `protect` leaves."""

    title: ClassVar[str] = "Personal data"
    place: ClassVar[int] = 110
    modalities: ClassVar[tuple[Modality, ...]] = ("text", "table")
    kind: Literal["personal-data"] = "personal-data"
    low: float = Field(default=1e-6, ge=0, le=1)
    medium: float = Field(default=0.001, ge=0, le=1)
    high: float = Field(default=0.02, ge=0, le=1)
    weak: float = Field(default=0.02, ge=0, le=1)
    """Share of rows from which names, places and the like count too."""


@part("problem", PersonalData)
def personal_data(spec: PersonalData, seen: Seen) -> Finding:
    """By form, check digits and the words before, in every row; names only where announced."""
    found, total = seen.data.identifiers, len(seen.data.splits)
    told = {
        kind: rows
        for kind, (rows, _) in found.items()
        if kind != "secret" and (kind not in WEAK or rows >= spec.weak * total)
    }
    rows = max(told.values(), default=0)
    all_kinds = [(k, n) for k, (n, _) in found.items() if k != "secret"]
    figures = (
        Figure("rows with the most frequent kind of identifier", rows / total, "share"),
        *(Figure(f"rows with {kind}", n, "rows") for kind, n in _sorted(all_kinds)),
    )
    if not told:
        return fine("No identifier of a person was recognised by its form.", *figures)
    grave = "high" if set(told) & set(GRAVE) else spec.grade(rows / total)
    named = ", ".join(f"{kind} in {n:,}" for kind, n in _sorted(list(told.items()))[:6])
    return Finding(
        "found",
        f"Rows hold what identifies people: {named}. A model can learn it by heart and tell it.",
        figures,
        grave,
        (Remedy("Mask it before anything is learned or shown.", _patch(seen, list(told))),),
        seen.names([at for kind in told for at in found[kind][1]]),
        (Plot("bars", "Rows with each kind of identifier", _sorted(all_kinds), y="rows"),),
    )


def _sorted(kinds: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(kinds, key=lambda item: -item[1])


def _patch(seen: Seen, kinds: list[str]) -> dict[str, Any]:
    protect = seen.recipe.protect
    known = () if protect.entities == "all" else protect.entities
    patch: dict[str, Any] = {"entities": [*known, *sorted(set(kinds) - set(known))]}
    if seen.task.modality == "table":
        patch["columns"] = list(dict.fromkeys((*protect.columns, *seen.recipe.data.categorical)))
    return {"protect": patch}
