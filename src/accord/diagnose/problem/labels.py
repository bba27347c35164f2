"""One class under several spellings, and classes that say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from accord.diagnose.finding import Figure, Finding, Looking, Plot, Remedy, fine
from accord.diagnose.seen import Seen
from accord.diagnose.spelling import SLIP, unknown, variants
from accord.part import part
from accord.recipe.class_names import ClassNames
from accord.recipe.task import Problem


class Labels(Looking):
    """Class names that differ in case, blanks or form only, or by one slip of a finger."""

    title: ClassVar[str] = "Malformed labels"
    place: ClassVar[int] = 25
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "multi-label", "token-label")
    kind: Literal["labels"] = "labels"
    slip: float = Field(default=SLIP, ge=0, lt=1)
    """Rows of a class for each of its neighbour below which it is taken for a slip of it."""


@part("problem", Labels)
def labels(spec: Labels, seen: Seen) -> Finding:
    """By the names of all classes in all splits."""
    counts: dict[str, int] = {}
    for split in seen.data.labels.values():
        for name, n in split.items():
            counts[name] = counts.get(name, 0) + n
    wrong = variants(counts, spec.slip)
    empty = unknown(counts)
    total = sum(counts.values()) or 1
    rows = sum(counts[name] for name in wrong) + sum(empty.values())
    figures = (
        Figure("rows under a malformed class", rows / total, "share"),
        Figure("class names that are variants of another", len(wrong), f"of {len(counts)}"),
        Figure("class names that say that nothing is known", len(empty), f"of {len(counts)}"),
    )
    if not wrong and not empty:
        return fine("Class names are distinct.", *figures)
    told = [f"{name!r} is {of!r} ({counts[name]:,} rows)" for name, of in list(wrong.items())[:5]]
    told += [f"{name!r} says nothing ({n:,} rows)" for name, n in list(empty.items())[:3]]
    return Finding(
        "found",
        f"The model would tell apart what is one, or learn what is none: {'; '.join(told)}.",
        figures,
        "high" if rows >= 0.01 * total else "medium",
        (Remedy(_say(wrong, empty), _patch(seen, wrong, empty)),),
        plots=(Plot("bars", "Rows of each class name", _shown(counts), y="rows"),),
    )


def _shown(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((repr(name), n) for name, n in counts.items()), key=lambda i: -i[1])[:12]


def _say(wrong: Mapping[str, str], empty: Mapping[str, int]) -> str:
    told: list[str] = []
    if wrong:
        told.append("Take each class by one name; look whether these are what they seem.")
    if empty:
        told.append("Leave out rows without a known label.")
    return " ".join(told)


def _patch(seen: Seen, wrong: Mapping[str, str], empty: Mapping[str, int]) -> dict[str, Any] | None:
    """`clean.classes` with what it says already; None where classes are columns."""
    if not isinstance(seen.recipe.data.label, str):
        return None
    given = seen.recipe.clean.classes or ClassNames()
    known = {name: wrong.get(of, of) for name, of in given.rename.items()}
    rename = {name: of for name, of in {**known, **wrong}.items() if of not in empty}
    drop = [*given.drop, *(name for name in empty if name not in given.drop)]
    wanted = {"rename": {n: of for n, of in rename.items() if n not in drop}, "drop": drop}
    return {"clean": {"classes": {name: value for name, value in wanted.items() if value}}}
