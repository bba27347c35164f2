"""Test rows that were learned from."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.diagnose.alike import near_earlier
from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Plot,
    Remedy,
    fine,
    found_or_remedied,
)
from accord.diagnose.seen import Seen
from accord.part import part


class Leakage(Graded):
    """Share of test rows that also stand, exactly or nearly, among the training rows, or whose
    group does."""

    title: ClassVar[str] = "Leakage across splits"
    place: ClassVar[int] = 90
    kind: Literal["leakage"] = "leakage"
    low: float = Field(default=0.002, ge=0, le=1)
    medium: float = Field(default=0.01, ge=0, le=1)
    high: float = Field(default=0.05, ge=0, le=1)


@part("problem", Leakage)
def leakage(spec: Leakage, seen: Seen) -> Finding:
    """Exact among all rows, by digest; near in a sample of texts, by MinHash; groups by name."""
    splits, digests = seen.data.splits, seen.data.digests
    learned = np.unique(digests[splits == 0])
    held = np.flatnonzero(splits == 2)
    exact = held[np.isin(digests[held], learned)]
    near, of = _near(seen)
    grouped = _groups(seen)
    share = len(exact) / max(1, len(held)) + near
    figures = [
        Figure("test rows that stand in training too", share, "share", of=of),
        Figure("of them exactly", len(exact), "rows"),
    ]
    if grouped is not None:
        figures.append(Figure("test rows whose group is learned from", grouped, "share"))
    worst = max(share, grouped or 0.0)
    items = [("new", max(0.0, 1 - share)), ("seen exactly", share - near), ("seen nearly", near)]
    plot = Plot("bars", "Test rows", items, y="share")
    grave = spec.grade(worst)
    if grave is None:
        return fine("Test rows are new to the model.", *figures, plots=(plot,))
    finding = Finding(
        "found",
        "Test rows, or rows of their groups, are learned from: the model will be praised for what "
        "it has memorised.",
        tuple(figures),
        grave,
        _remedies(share, spec, seen),
        seen.names(exact),
        (plot,),
    )
    action = seen.recipe.data.leakage.action
    handled = action in ("drop", "fail") and spec.grade(grouped or 0.0) is None
    return found_or_remedied(finding, f"`data.leakage.action: {action}`" if handled else None)


def _near(seen: Seen) -> tuple[float, str]:
    if seen.task.modality != "text":
        return 0.0, ""
    (earlier, at), (later, later_at) = seen.signs["train"], seen.signs["test"]
    if not len(later_at):
        return 0.0, ""
    other = near_earlier(earlier, later, seen.recipe.data.leakage.similarity)
    rows = np.flatnonzero(other >= 0)
    learned = np.unique(seen.data.digests[seen.data.splits == 0])
    fresh = ~np.isin(seen.data.digests[later_at[rows]], learned)
    total = seen.data.rows["train"]
    of = "" if len(at) == total else f"near ones against {len(at):,} of {total:,} rows: at least"
    return float(fresh.sum()) / len(later_at), of


def _groups(seen: Seen) -> float | None:
    """Share of test rows whose group also stands in training; None without groups."""
    groups, splits = seen.data.groups, seen.data.splits
    if not len(groups):
        return None
    held = groups[splits == 2]
    return float(np.isin(held, np.unique(groups[splits == 0])).mean()) if len(held) else 0.0


def _remedies(share: float, spec: Leakage, seen: Seen) -> tuple[Remedy, ...]:
    if share >= spec.low:
        say = "Leave out the training rows that also stand in validation or test."
        return (Remedy(say, {"data": {"leakage": {"action": "drop"}}}),)
    say = "Divide the files anew, so that each group is in one of them."
    if isinstance(seen.recipe.data.test, str):
        patch = {"data": {"test": 0.2, "validation": 0.1}}
        return (Remedy(f"{say} Or let the training rows be divided by group.", patch),)
    return (Remedy(say),)
