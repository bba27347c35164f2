"""Training rows that say the same."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.diagnose.alike import near_within
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


class Duplicates(Graded):
    """Share of training rows that repeat an earlier one."""

    title: ClassVar[str] = "Duplicates"
    place: ClassVar[int] = 80
    kind: Literal["duplicates"] = "duplicates"
    low: float = Field(default=0.01, ge=0, le=1)
    medium: float = Field(default=0.05, ge=0, le=1)
    high: float = Field(default=0.2, ge=0, le=1)


@part("problem", Duplicates)
def duplicates(spec: Duplicates, seen: Seen) -> Finding:
    """Exact among all rows, by digest; near in a sample of texts, by MinHash."""
    own = np.flatnonzero(seen.data.splits == 0)
    again, conflicts = _exact(seen, own)
    exact = len(again) / max(1, len(own))
    near, of = _near(seen)
    share = exact + near
    contradicting = conflicts / max(1, len(own))
    figures = (
        Figure("training rows that repeat an earlier one", share, "share", of=of),
        Figure("of them exactly", len(again), "rows"),
        Figure("with another label than the first", conflicts, "rows"),
    )
    plot = Plot(
        "bars",
        "Training rows",
        [("alone", 1 - share), ("exact again", exact), ("nearly again", near)],
        y="share",
    )
    grave = spec.grade(max(share, 2 * contradicting))
    if grave is None:
        return fine("Hardly any training row repeats another.", *figures, plots=(plot,))
    kept = "they also contradict each other" if contradicting > 0.001 else "they count double"
    finding = Finding(
        "found",
        f"{share:.1%} of the training rows repeat others: {kept}, and the model learns them by "
        "heart.",
        figures,
        grave,
        _remedies(seen, near, conflicts),
        seen.names(again),
        (plot,),
    )
    handled = "`clean.duplicates`" if seen.recipe.clean.duplicates is not None else None
    return found_or_remedied(finding, handled)


def _exact(seen: Seen, own: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], int]:
    """Positions of rows whose content stood before, and how many have another label."""
    digests = seen.data.digests[own]
    _, first, where = np.unique(digests, return_index=True, return_inverse=True)
    earliest = first[where]
    again = np.flatnonzero(earliest != np.arange(len(own)))
    _, codes = seen.data.keys
    if not len(codes):
        return own[again], 0
    labels = codes[own]
    return own[again], int((labels[again] != labels[earliest[again]]).sum())


def _near(seen: Seen) -> tuple[float, str]:
    """Share of sampled texts that nearly, and not exactly, repeat another; and of what."""
    if seen.task.modality != "text":
        return 0.0, ""
    signs, at = seen.signs["train"]
    total = seen.data.rows["train"]
    other = near_within(signs, seen.recipe.data.leakage.similarity)
    digests = seen.data.digests
    rows = np.flatnonzero(other >= 0)
    differ = digests[at[rows]] != digests[at[other[rows]]]
    of = "" if len(at) == total else f"near ones among {len(at):,} of {total:,} rows: at least"
    return float(differ.sum()) / max(1, len(at)), of


def _remedies(seen: Seen, near: float, conflicts: int) -> tuple[Remedy, ...]:
    wanted: dict[str, object] = {}
    if seen.task.modality != "text" or not near:
        wanted["similarity"] = None
    if conflicts:
        wanted["conflicts"] = "majority"
    say = "Keep one of each."
    if conflicts:
        say = "Keep one of each, with the label most of them have."
    return (Remedy(say, {"clean": {"duplicates": wanted}}),)
