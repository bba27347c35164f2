"""The gradient of a private step: each unit's cut, all summed, noise added, over a public count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.batch.team import ALONE, Team
from accord.errors import ModelError
from accord.part import find
from accord.privacy.clipping.clip import Clip
from accord.privacy.correlated import Correlated
from accord.privacy.cut import Cut
from accord.privacy.noise import Noise
from accord.privacy.plan import PrivacyPlan
from accord.privacy.rows import Arithmetic, Batch, Losses
from accord.privacy.trained import Trained


@dataclass(slots=True)
class PrivateGradient:
    """`(sum_i g_i f_i + noise) / expected_batch` over the units i of a step, with g_i the gradient
    of unit i's loss over all trained weights, and f_i what its clipping gives.

    Guarantees:
        One unit more or less changes the sum by at most the clipping's norm. Batch and noise of a
        step are functions of the plan's secret and the step's number alone: the same step again
        is the same release. The micro-batches and processes a step is computed in change nothing
        but rounding.
        Dropping out of a step, or a gradient that is not finite, drops a unit, never a step.

    Args:
        plan: What is protected and how.
        step: Steps released so far.
        team: The processes that compute each step together. What they send each other is of single
            rows: it is private until the noise is in it.
        divided: Whether weights are divided over them.
    """

    plan: PrivacyPlan
    step: int = 0
    team: Team = ALONE
    divided: bool = False
    clip: Clip = field(init=False)
    noise: Noise = field(init=False)
    correlated: Correlated = field(init=False)
    cut: Cut = field(init=False, repr=False)
    _values: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        self.clip = find("clipping", self.plan.clipping.kind)(self.plan.clipping, self.plan)
        self.noise = Noise(self.plan.secret, self.plan.secure_noise)
        self.correlated = Correlated(self.noise, self.plan.column)
        in_step = self.team if self.divided else ALONE
        self.cut = Cut(self._factors, self.plan.rows_per_unit, in_step=in_step)

    @property
    def slow(self) -> str | None:
        """Why rows are computed one at a time, where they are."""
        return self.cut.slow

    def __call__(
        self,
        model: nn.Module,
        objective: Losses,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        """The mean loss of the units, which is private itself: no noise is on it."""
        if scale != 1:
            raise _scaled()
        trained = self.cut.start(model)
        self._values = trained.size
        self.clip.restore(self.clip.state())  # an attempt that failed may have counted units
        total, units = self.cut.add(model, objective, batches, arithmetic)
        loss, count = self.team.add_numbers(total, units)
        self._release(trained)
        return loss / max(count, 1)

    def state(self) -> Mapping[str, torch.Tensor]:
        clip = {f"clip.{name}": value for name, value in self.clip.state().items()}
        return {"step": torch.tensor(self.step), **clip}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.step = int(state["step"])
        clip = {n.removeprefix("clip."): v for n, v in state.items() if n.startswith("clip.")}
        self.clip.restore(clip)

    def _factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        plan = self.plan
        lattice = self.noise.margin(self._values, plan.noise_multiplier)
        return self.clip.factors(squares, margin + lattice)

    @torch.no_grad()
    def _release(self, trained: Trained) -> None:
        """Noise, the public divisor, and the count of released steps."""
        plan = self.plan
        noisy = plan.noise_multiplier > 0
        trained.sums.gather(self.team)
        self.clip.gather(self.team)
        if noisy:
            # The same in every process, and last: what is added behind secure noise would stand in
            # its lowest bits.
            deviation = self.clip.noise_multiplier(plan.noise_multiplier) * self.clip.norm
            self.correlated.add_to(trained.sums.chain(), deviation, self.step)
        trained.sums.divide(plan.expected_batch)
        trained.sums.hand_over()
        self.clip.settle(self.noise.deviate(self.step) if noisy else 0.0)
        self.step += 1


def _scaled() -> ModelError:
    return ModelError(
        "private training cannot scale its losses",
        code="privacy-precision",
        path="train.precision",
        got="fp16",
        expected="bf16 or fp32",
        why="gradients that overflow under a scale would be left out, which depends on the data",
        fix="set `train.precision: bf16`",
    )
