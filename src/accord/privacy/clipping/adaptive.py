"""Adaptive clipping: the norm follows a quantile of the units' gradients, found privately."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.errors import RecipeError
from accord.part import Spec, part
from accord.privacy.clipping.clip import Clip
from accord.privacy.clipping.flat import shortened
from accord.privacy.plan import PrivacyPlan

if TYPE_CHECKING:
    import torch

    from accord.batch.team import Team


EARLY = 20
"""Steps in which the norm is found."""


class AdaptiveSpec(Spec):
    """The norm follows a quantile of the units' gradient lengths (Andrew et al., 2021). The count
    of short gradients that it needs is released with noise of its own: it takes a small part of
    the same budget, and nothing is charged beyond it."""

    kind: Literal["adaptive"] = "adaptive"
    norm: float = Field(0.1, gt=0)
    """Where the norm starts: short, as all gradients are then cut to one length, which costs
    nothing. Too long a norm costs signal until it is found."""
    quantile: float = Field(0.7, gt=0, lt=1)
    """Share of units whose gradient shall be no longer than the norm."""
    rate: float = Field(0.2, gt=0)
    """How fast the norm follows: it changes by at most `exp(rate)` a step, in the first twenty
    steps by more, so that it hardly matters where it starts."""
    count_noise: float | None = Field(None, gt=0)
    """Standard deviation of the noise on the count; by default a twentieth of the batch, or twice
    the noise multiplier if that is more: gradients then have 1.03 times the noise. It has to be
    above half the noise multiplier."""


@dataclass(slots=True)
class Adaptive:
    """`g min(1, norm / |g|)`, and `norm *= exp(-rate (b - quantile))` with b the noisy share; the
    rate is twenty times as high in the first step, ten times in the second, and so on.

    A unit's gradient over the norm, and half a unit of the count (+1/2 where its gradient was
    short, -1/2 where it was cut), are released together. With noise of z' on the one and s on the
    other, `z' = (z^-2 - (2 s)^-2)^(-1/2)`, they are one Gaussian mechanism of multiplier z
    (Andrew et al., 2021, theorem 1).
    """

    norm: float
    quantile: float
    rate: float
    count_noise: float
    expected_batch: float
    balance: float = 0.0
    """Sum over the step's units of +1/2 or -1/2: private until noise is added."""
    steps: int = 0
    """That are over."""

    def noise_multiplier(self, whole: float) -> float:
        if whole == 0:
            return 0.0
        return (whole**-2 - (2 * self.count_noise) ** -2) ** -0.5

    def factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        total = squares.sum(0)
        short = total.sqrt() <= self.norm
        self.balance += float(short.sum()) - 0.5 * len(short)
        return shortened(total, self.norm * (1 - margin)).expand_as(squares)

    def gather(self, team: Team) -> None:
        (self.balance,) = team.add_numbers(self.balance)

    def settle(self, deviate: float) -> None:
        from accord.privacy.noise import LATTICE

        # On a lattice that the count stands on, too: lowest bits of the sum say nothing of it.
        spacing = 2.0 ** (math.floor(math.log2(self.count_noise)) - LATTICE)
        noisy = self.balance + round(self.count_noise * deviate / spacing) * spacing
        self.balance = 0.0
        share = 0.5 + noisy / self.expected_batch
        # A draw far out in the tail shall not throw the norm away; that is post-processing.
        share = min(max(share, 0.0), 1.0)
        self.steps += 1
        rate = self.rate * max(1.0, EARLY / self.steps)
        self.norm *= math.exp(-rate * (share - self.quantile))

    def state(self) -> Mapping[str, torch.Tensor]:
        import torch

        return {
            "norm": torch.tensor(self.norm, dtype=torch.float64),
            "steps": torch.tensor(self.steps),
        }

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.norm, self.steps, self.balance = float(state["norm"]), int(state["steps"]), 0.0


@part("clipping", AdaptiveSpec)
def adaptive(spec: AdaptiveSpec, plan: PrivacyPlan) -> Clip:
    """Clip to a quantile that is followed privately.

    Raises:
        RecipeError: The noise on the count is too small for the noise of a step.
    """
    noise = spec.count_noise or max(plan.expected_batch / 20, 2 * plan.noise_multiplier)
    if plan.noise_multiplier > 0 and 2 * noise <= plan.noise_multiplier:
        raise RecipeError(
            "the noise on the count of short gradients is too small",
            code="privacy-count-noise",
            path="privacy.clipping.count_noise",
            got=noise,
            expected=f"above {plan.noise_multiplier / 2:g}, half the noise multiplier",
            why="the count alone would cost more privacy than the whole step may",
            fix="set it higher, or leave it out: its default is high enough",
        )
    return Adaptive(spec.norm, spec.quantile, spec.rate, noise, plan.expected_batch)
