"""Classes have other shares in the test rows than in the training rows."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
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
from accord.diagnose.statistics import chi_squared, kolmogorov_smirnov, steps
from accord.part import part
from accord.recipe.task import Problem

LEVEL = 0.001


class LabelShift(Graded):
    """Cramér's V of class and split; of numbers, the largest distance of their distributions."""

    title: ClassVar[str] = "Label shift"
    place: ClassVar[int] = 40
    poses: ClassVar[tuple[Problem, ...]] = ("single-label", "regression")
    kind: Literal["label-shift"] = "label-shift"
    low: float = Field(default=0.1, ge=0, le=1)
    medium: float = Field(default=0.2, ge=0, le=1)
    high: float = Field(default=0.35, ge=0, le=1)


@part("problem", LabelShift)
def label_shift(spec: LabelShift, seen: Seen) -> Finding:
    """A chi-squared or Kolmogorov-Smirnov test, significant at 0.001 and large enough."""
    numbers = seen.data.problem == "regression"
    label = seen.recipe.data.label
    assert isinstance(label, str)
    train, test = (seen.data.sample[name].table[label] for name in ("train", "test"))
    if numbers:
        a, b = np.asarray(train.to_numpy(), float), np.asarray(test.to_numpy(), float)
        size, chance = kolmogorov_smirnov(a, b)
        plot = Plot(
            "curves", "Targets", [("train", *steps(a)), ("test", *steps(b))], label, "share"
        )
    else:
        size, chance = chi_squared(train.to_pylist(), test.to_pylist())
        plot = _shares(seen)
    name = "largest distance of the distributions" if numbers else "Cramér's V of class and split"
    figure = Figure(name, size, "", p_value=chance)
    grave = spec.grade(size)
    if grave is None or chance >= LEVEL:
        return fine("Labels are spread alike in training and test rows.", figure, plots=(plot,))
    finding = Finding(
        "found",
        "Labels have other shares in the test rows than in those that are learned from: "
        "probabilities will be off, and metrics cannot be compared with validation.",
        (figure,),
        grave,
        _remedies(seen),
        plots=(plot,),
    )
    return found_or_remedied(finding, _handled(seen) if not numbers and _flatter(seen) else None)


def _handled(seen: Seen) -> str | None:
    balance = seen.recipe.balance
    if balance.loss is not None and balance.loss.kind == "logit-adjustment":
        return "`balance.loss: logit-adjustment`"
    for name in ("weights", "sampler", "resample"):
        if getattr(balance, name) is not None:
            return f"`balance.{name}`"
    return None


def _flatter(seen: Seen) -> bool:
    """Whether test rows are spread more evenly over the classes than training rows."""
    most = [max(seen.data.labels[split].values()) / max(1, sum(seen.data.labels[split].values()))
            for split in ("train", "test")]  # fmt: skip
    return most[1] < most[0]


def _shares(seen: Seen) -> Plot:
    labels = seen.data.labels
    names = sorted(labels["train"], key=lambda name: -labels["train"][name])[:6]
    items: list[tuple[str, float]] = []
    for name in names:
        for split in ("train", "test"):
            total = sum(labels[split].values()) or 1
            items.append((f"{name}, {split}", labels[split].get(name, 0) / total))
    return Plot("bars", "Shares of the classes", items, y="share")


def _remedies(seen: Seen) -> tuple[Remedy, ...]:
    data = seen.recipe.data
    if not data.stratify and not isinstance(data.test, str):
        return (Remedy("Keep the shares alike in all splits.", {"data": {"stratify": True}}),)
    say = (
        "Find out which shares will hold in use, and take training and test rows so; "
        "until then do not trust a threshold."
    )
    if seen.data.problem == "single-label" and _flatter(seen):
        told = "Learn as if all classes were equally frequent, which they nearly are in the test."
        patches = ({"balance": {"weights": "inverse"}}, {"balance": {"weights": "square-root"}})
        return (*(Remedy(told, patch) for patch in patches), Remedy(say))
    return (Remedy(say),)
