"""Training that would take too long here."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from accord.diagnose.estimate import BF16_GAIN, slow_half
from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Remedy,
    Severity,
    fine,
    not_looked_at,
)
from accord.diagnose.planned import with_machine
from accord.diagnose.seen import Seen
from accord.part import part

HOUR = 3600.0
NOTICED = 60.0
"""Seconds of training from which a slow precision is worth a word."""


class Compute(Graded):
    """Hours that training is expected to take on this machine."""

    title: ClassVar[str] = "Compute"
    place: ClassVar[int] = 210
    kind: Literal["compute"] = "compute"
    low: float = Field(default=8.0, gt=0)
    medium: float = Field(default=24.0, gt=0)
    high: float = Field(default=168.0, gt=0)


@part("problem", Compute)
def compute(spec: Compute, seen: Seen) -> Finding:
    """The estimate of `accord check`, training alone."""
    found = seen.estimate()
    if found is None:
        return not_looked_at("The base model is not on this machine, so there is no estimate.")
    low, high = float(found.seconds.low), float(found.seconds.high)
    expected = float(found.seconds.expected)
    figures = (
        Figure("training time", expected, "seconds", (low, high)),
        Figure("optimizer steps", float(found.steps)),
    )
    grave = spec.grade(expected / HOUR)
    if slow_half(seen.recipe, seen.machine) and expected > NOTICED:
        return _in_software(seen, figures, grave or "medium")
    if grave is None:
        return fine(f"Training is done in good time on {found.device}.", *figures)
    return Finding(
        "found",
        f"Training would take about {expected / HOUR:,.0f} hours on {found.device}.",
        figures,
        grave,
        _remedies(seen, expected),
    )


def _in_software(seen: Seen, figures: tuple[Figure, ...], grave: Severity) -> Finding:
    precision = seen.recipe.train.precision
    say = "Compute in fp32, which this processor does in hardware."
    return Finding(
        "found",
        f"This processor computes {precision} in software, several times slower than fp32.",
        figures,
        grave,
        (Remedy(say, {"train": {"precision": "fp32"}}),),
    )


def _remedies(seen: Seen, expected: float) -> tuple[Remedy, ...]:
    remedies: list[Remedy] = []
    recipe = seen.recipe
    quick = seen.machine.accelerator is not None or seen.machine.flags & set(BF16_GAIN)
    if recipe.train.precision == "fp32" and quick:
        say = "Compute in bf16, which this machine does faster."
        remedies.append(Remedy(say, {"train": {"precision": "bf16"}}))
    if recipe.model.adapt.kind == "full" and recipe.model.base is not None:
        patch = {"model": {"adapt": {"kind": "lora", "rank": 8}}}
        then = seen.estimate(with_machine(recipe, patch))
        if then is not None and then.seconds.expected < 0.8 * expected:
            hours = then.seconds.expected / HOUR
            say = f"Train an adapter in place of all weights: about {hours:,.0f} hours."
            remedies.append(Remedy(say, patch))
    say = "Take a smaller base, fewer rows or epochs, or a machine with an accelerator."
    return (*remedies, Remedy(say))
