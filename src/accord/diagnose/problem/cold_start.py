"""Classes or sources of which little has been seen."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from accord.data.dates import day
from accord.diagnose.finding import (
    Figure,
    Finding,
    Looking,
    Plot,
    Remedy,
    fine,
    found_or_remedied,
)
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Problem

FEWEST, LATE = 50, 5
"""Dated rows that are needed to tell anything; rows of a kind that is called late."""


class ColdStart(Looking):
    """Classes, or values of `evaluate.slices`, with few training rows while others have many, or
    that begin late in a column of dates."""

    title: ClassVar[str] = "Cold start"
    place: ClassVar[int] = 50
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "multi-label", "regression")
    kind: Literal["cold-start"] = "cold-start"
    rows: int = Field(default=50, ge=1)
    """Training rows below which a class or source is new."""
    times: float = Field(default=10.0, gt=1)
    """So many times as many rows the middle of the others must have."""
    last: float = Field(default=0.2, gt=0, lt=1)
    """Share of the training rows, the latest, within which all rows of what is new lie. By chance
    the five or more that are asked for do so once in 3,000 times."""


@part("problem", ColdStart)
def cold_start(spec: ColdStart, seen: Seen) -> Finding:
    """Of classes by all rows, of sources by the sample, brought up to all rows."""
    new = _new(spec, seen.classes)
    if new:
        say = "Let their rows count more at first, and like all others once enough were seen."
        remedy = Remedy(say, {"balance": {"cold_start": {"rows": max(new.values())}}})
        return found_or_remedied(_found("classes", new, seen.classes, remedy), _handled(seen))
    for column in seen.recipe.evaluate.slices:
        counts = _sources(seen, column)
        new = _new(spec, counts)
        if new:
            say = f"Let rows of new values of {column} count more at first."
            patch = {"balance": {"cold_start": {"source": column, "rows": max(new.values())}}}
            found = _found(f"values of {column}", new, counts, Remedy(say, patch))
            return found_or_remedied(found, _handled(seen))
    late = _late(spec, seen)
    if late is not None:
        return found_or_remedied(late, _handled(seen))
    least = min(seen.classes.values(), default=0)
    figures = (Figure("rows of the class with fewest", least, "rows"),) if seen.classes else ()
    return fine("No class or source stands out by having few rows.", *figures)


def _late(spec: ColdStart, seen: Seen) -> Finding | None:
    """Classes, or sources, of which no row is older than the latest share of all rows."""
    table, data = seen.training.table, seen.recipe.data
    kinds = [data.label] if seen.data.problem == "single-label" else []
    for by in (*seen.data.dates, *seen.recipe.evaluate.slices):
        days = [day(text) for text in table[by].to_pylist()]
        known = sorted(one for one in days if one is not None)
        if len(known) < max(FEWEST, len(days) // 2):
            continue
        bound = known[int((1 - spec.last) * (len(known) - 1))]
        for column in (*kinds, *(s for s in seen.recipe.evaluate.slices if s != by)):
            assert isinstance(column, str)
            firsts: dict[str, date] = {}
            counts = Counter[str]()
            for kind, one in zip(table[column].to_pylist(), days, strict=True):
                if kind is not None and one is not None:
                    counts[str(kind)] += 1
                    firsts[str(kind)] = min(one, firsts.get(str(kind), one))
            new = {k: first for k, first in firsts.items() if first > bound and counts[k] >= LATE}
            if new and len(new) < len(firsts):
                source = {} if column == data.label else {"source": column}
                return _dated(by, new, counts, source, column)
    return None


def _dated(
    by: str, new: dict[str, date], counts: Counter[str], source: dict[str, str], column: str
) -> Finding:
    since = min(new.values())
    named = ", ".join(f"{name} (since {first})" for name, first in sorted(new.items())[:5])
    what = f"values of {column}" if source else "classes"
    say = "Let their rows count more at first; what they are worth is told apart from the rest."
    patch = {"balance": {"cold_start": {**source, "by": by, "since": since.isoformat()}}}
    rows = {name: counts[name] for name in new}
    return Finding(
        "found",
        f"By {by}, some {what} began late: {named}. More of them is to come than was learned from.",
        (
            Figure(f"{what} that began late", len(new), f"of {len(counts)}"),
            Figure("rows of the one with fewest", min(rows.values()), "rows of the sample"),
        ),
        "medium",
        (Remedy(say, patch),),
        plots=(Plot("bars", f"Rows of late {what}", sorted(rows.items()), y="rows"),),
    )


def _new(spec: ColdStart, counts: dict[str, int]) -> dict[str, int]:
    few = {name: n for name, n in counts.items() if n < spec.rows}
    rest = sorted(n for name, n in counts.items() if name not in few)
    if not few or not rest:
        return {}
    middle = rest[len(rest) // 2]
    return {name: n for name, n in few.items() if middle >= spec.times * n}


def _sources(seen: Seen, column: str) -> dict[str, int]:
    sampled = seen.training
    scale = seen.data.rows["train"] / max(1, len(sampled.at))
    counts = Counter(sampled.table[column].to_pylist())
    counts.pop(None, None)
    return {str(name): max(1, round(n * scale)) for name, n in counts.items()}


def _found(what: str, new: dict[str, int], counts: dict[str, int], remedy: Remedy) -> Finding:
    named = ", ".join(f"{name} ({n:,})" for name, n in sorted(new.items(), key=lambda i: i[1])[:5])
    least = min(new.values())
    shown = sorted(counts.items(), key=lambda item: item[1])[:12]
    return Finding(
        "found",
        f"Of some {what} there are few training rows: {named}. What they look like will be learned "
        "late and badly.",
        (
            Figure(f"{what} with few rows", len(new), f"of {len(counts)}"),
            Figure("rows of the one with fewest", least, "rows"),
        ),
        "high" if least < 5 else "medium" if least < 20 else "low",
        (remedy,),
        plots=(Plot("bars", f"Training rows of {what}, fewest first", shown, y="rows"),),
    )


def _handled(seen: Seen) -> str | None:
    return "`balance.cold_start`" if seen.recipe.balance.cold_start is not None else None
