"""Labels that are wrong."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.data.mislabelled.confident import wrong_labels
from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Plot,
    Remedy,
    fine,
    found_or_remedied,
    not_looked_at,
)
from accord.diagnose.seen import Guesses, Seen
from accord.diagnose.statistics import wilson
from accord.part import part
from accord.recipe.task import Problem

LEAST = 20
WANTED = 300
ROBUST = ("generalised", "symmetric")


class LabelNoise(Graded):
    """Share of wrong labels among the rows a plain model is surest of (anchors; Liu and Tao, 2016);
    graded by the lower end of its interval, for some rows are hard and not wrong."""

    title: ClassVar[str] = "Label noise"
    place: ClassVar[int] = 70
    poses: ClassVar[tuple[Problem, ...]] = ("single-label",)
    kind: Literal["label-noise"] = "label-noise"
    low: float = Field(default=0.03, ge=0, le=1)
    medium: float = Field(default=0.08, ge=0, le=1)
    high: float = Field(default=0.2, ge=0, le=1)


@part("problem", LabelNoise)
def label_noise(spec: LabelNoise, seen: Seen) -> Finding:
    """Cross-validated predictions; suspects are ranked by confident learning (Northcutt et al.,
    2021), whose own estimate of the share also counts rows that are merely hard."""
    guesses = seen.guesses
    if guesses is None:
        return not_looked_at("Too few rows of each class to learn from.")
    first = min(0.3, max(0.1, WANTED / max(1, len(guesses.at))))
    tried = [at_anchors(guesses, first / divisor) for divisor in (1, 2, 4)]
    tried = [(wrong, anchors) for wrong, anchors in tried if anchors >= 2 * LEAST]
    if not tried:
        return not_looked_at("Too few rows that a plain model is sure of.")
    # A model that knows little is seldom wrong where it is surest; wrong labels stay wrong there.
    wrong, anchors = min(tried, key=lambda one: wilson(*one)[0])
    share, interval = wrong / anchors, wilson(wrong, anchors)
    suspects = suspected(guesses)
    rows = seen.data.rows["train"]
    of = "" if len(guesses.at) == rows else f"{len(guesses.at):,} of {rows:,} rows"
    right = float((guesses.chances.argmax(1) == guesses.labels).mean())
    figures = (
        Figure("labels that are wrong, as estimated", share, "share", interval, of=of),
        Figure("labels that a plain model doubts", len(suspects) / len(guesses.at), "share", of=of),
        Figure("labels that a plain model guesses", right, "share", of=of),
    )
    plot = _agreement(guesses)
    grave = spec.grade(interval[0])
    if grave is None:
        return fine("Labels agree with what the rows say.", *figures, plots=(plot,))
    finding = Finding(
        "found",
        f"About {share:.0%} of the labels contradict what the rows plainly say: they cap what can "
        "be reached, and what can be measured.",
        figures,
        grave,
        _remedies(share),
        seen.names(guesses.at[suspects]),
        (plot,),
    )
    return found_or_remedied(finding, _handled(seen))


def at_anchors(guesses: Guesses, share: float) -> tuple[int, int]:
    """Labels that differ from the guess, and rows, among the share that is surest for each
    class."""
    guessed, sure = guesses.chances.argmax(1), guesses.chances.max(1)
    wrong = anchors = 0
    for code in range(guesses.chances.shape[1]):
        rows = np.flatnonzero(guessed == code)
        if len(rows) < LEAST:
            continue
        surest = rows[np.argsort(-sure[rows], kind="stable")]
        surest = surest[: max(LEAST, int(share * len(rows)))]
        anchors += len(surest)
        wrong += int((guesses.labels[surest] != code).sum())
    return wrong, anchors


def suspected(guesses: Guesses) -> npt.NDArray[np.int64]:
    """Rows whose label confident learning doubts, most doubtful first."""
    chances, labels = guesses.chances, guesses.labels
    rows = np.flatnonzero(wrong_labels(labels, chances, "confident"))
    margin = chances[rows, labels[rows]] - chances[rows].max(axis=1)
    return rows[np.argsort(margin, kind="stable")]


def _agreement(guesses: Guesses) -> Plot:
    """How often labels and guesses agree, by how sure the guess is."""
    sure = guesses.chances.max(1)
    agree = guesses.chances.argmax(1) == guesses.labels
    order = np.argsort(sure, kind="stable")
    parts = [part for part in np.array_split(order, 10) if len(part)]
    xs = [float(sure[part].mean()) for part in parts]
    ys = [float(agree[part].mean()) for part in parts]
    title = "Labels that agree with a guess"
    return Plot("curves", title, [("agree", xs, ys)], "how sure the guess is", "share")


def _remedies(share: float) -> tuple[Remedy, ...]:
    left_out: dict[str, Any] = {"clean": {"labels": {"handle": "remove"}}}
    loss: dict[str, Any] = {"balance": {"loss": "generalised"}}
    trimmed = {"train": {"robust": {"kind": "trimmed", "share": round(min(0.4, share), 2)}}}
    smoothed = {"train": {"label_smoothing": 0.1}}
    return (
        Remedy("Leave out the rows whose label is probably wrong; look at those named.", left_out),
        Remedy("Learn with a loss that wrong labels pull less; look at the rows named.", loss),
        Remedy("Leave the rows of highest loss out of each batch.", trimmed),
        Remedy("Be less sure of any label.", smoothed),
    )


def _handled(seen: Seen) -> str | None:
    recipe = seen.recipe
    if recipe.clean.labels is not None:
        return "`clean.labels`"
    if recipe.balance.loss is not None and recipe.balance.loss.kind in ROBUST:
        return f"`balance.loss: {recipe.balance.loss.kind}`"
    if recipe.train.robust is not None and recipe.train.robust.kind == "trimmed":
        return "`train.robust: trimmed`"
    return None
