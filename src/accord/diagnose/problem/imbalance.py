"""Some classes have far fewer rows than others."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import Field

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
from accord.recipe.task import Problem

BETA = 0.999
SHOWN = 12
REMEDIES = ("loss", "weights", "resample", "sampler")


class Imbalance(Graded):
    """Rows of the most frequent class for one of the rarest; of tags, words."""

    title: ClassVar[str] = "Imbalance"
    place: ClassVar[int] = 20
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "multi-label", "token-label")
    kind: Literal["imbalance"] = "imbalance"
    low: float = Field(default=3.0, gt=1)
    medium: float = Field(default=10.0, gt=1)
    high: float = Field(default=50.0, gt=1)


@part("problem", Imbalance)
def imbalance(spec: Imbalance, seen: Seen) -> Finding:
    """By the ratio; also the effective number of classes, exp of the entropy of their shares, and
    of rows of the rarest (Cui et al., 2019)."""
    counts = seen.weights
    if len(counts) < 2:
        return fine("There is one class only.")
    rarest, least = min(counts.items(), key=lambda item: (item[1], item[0]))
    frequent, most = max(counts.items(), key=lambda item: (item[1], item[0]))
    ratio, total = most / least, sum(counts.values())
    entropy = -sum(n / total * math.log(n / total) for n in counts.values())
    effective = (1 - BETA**least) / (1 - BETA)
    unit = "words" if seen.data.problem == "token-label" else "rows"
    figures = (
        Figure(f"{frequent} for each {rarest}", ratio, "times"),
        Figure(f"{unit} of the rarest class", least, unit),
        Figure("effective number of classes", math.exp(entropy), f"of {len(counts)}"),
        Figure("effective number of rows of the rarest class", effective, unit),
    )
    shown = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = shown if len(shown) <= SHOWN else [*shown[: SHOWN // 2], *shown[-SHOWN // 2 :]]
    plot = Plot("bars", f"Training {unit} of each class", kept, y=unit)
    grave = spec.grade(ratio)
    if grave is None:
        return fine("Classes are about equally frequent.", *figures, plots=(plot,))
    finding = Finding(
        "found",
        f"{frequent} has {ratio:.0f} times the {unit} of {rarest}: a model learns to ignore what "
        "is rare.",
        figures,
        grave,
        _remedies(ratio),
        plots=(plot,),
    )
    return found_or_remedied(finding, _handled(seen))


def _remedies(ratio: float) -> tuple[Remedy, ...]:
    """Weights go with every model and cost nothing; beyond a hundred they would shake training.
    What a kind of labels does not take is passed over."""
    kind = "inverse" if ratio < 100 else "square-root"
    return (
        Remedy("Let rare classes weigh more in the loss.", {"balance": {"weights": kind}}),
        Remedy("Draw rows of rare classes more often.", {"balance": {"sampler": "square-root"}}),
        Remedy("Collect rows of the rare classes, and look at each of them in the report."),
    )


def _handled(seen: Seen) -> str | None:
    balance = seen.recipe.balance
    for name in REMEDIES:
        chosen = getattr(balance, name)
        if chosen is not None and getattr(chosen, "kind", "") not in ("generalised", "symmetric"):
            return f"`balance.{name}: {chosen.kind}`"
    return None
