"""The gradient of a private step: each unit's cut, all summed, noise added, over a public count."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.errors import ModelError
from accord.part import find
from accord.privacy.clipping.clip import Clip
from accord.privacy.comparison import compared
from accord.privacy.correlated import Correlated
from accord.privacy.differentiate import alone, rounding, together
from accord.privacy.layer.rules import Ruled, ruled
from accord.privacy.noise import Noise
from accord.privacy.plan import PrivacyPlan
from accord.privacy.rows import Arithmetic, Batch, Losses, rows_of, units_between
from accord.privacy.sweep import Layouts, OffRules
from accord.privacy.tape import Tape
from accord.privacy.trained import Trained


@dataclass(slots=True)
class _Bound:
    """The engine for one model."""

    trained: Trained
    rules: Ruled | None
    layouts: Layouts
    compared: bool = False


@dataclass(slots=True)
class PrivateGradient:
    """`(sum_i g_i f_i + noise) / expected_batch` over the units i of a step, with g_i the gradient
    of unit i's loss over all trained weights, and f_i what its clipping gives.

    Guarantees:
        One unit more or less changes the sum by at most the clipping's norm. Batch and noise of a
        step are functions of the plan's secret and the step's number alone: the same step again
        is the same release. The micro-batches a step is computed in change nothing but rounding.
        Dropping out of a step, or a gradient that is not finite, drops a unit, never a step.

    Args:
        plan: What is protected and how.
        step: Steps released so far.
    """

    plan: PrivacyPlan
    step: int = 0
    clip: Clip = field(init=False)
    noise: Noise = field(init=False)
    correlated: Correlated = field(init=False)
    slow: str | None = field(default=None, init=False)
    """Why rows are computed one at a time, where they are."""
    _bound: _Bound | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.clip = find("clipping", self.plan.clipping.kind)(self.plan.clipping, self.plan)
        self.noise = Noise(self.plan.secret, self.plan.secure_noise)
        self.correlated = Correlated(self.noise, self.plan.column)

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
        bound = self._bind(model)
        bound.trained.flat.zero_()
        self.clip.restore(self.clip.state())  # an attempt that failed may have counted units
        total, units = 0.0, 0
        for batch in batches:
            total += self._sum(bound, (model, objective), batch, arithmetic)
            units += rows_of(batch) // self.plan.rows_per_unit
        self._release(bound.trained)
        return total / max(units, 1)

    def state(self) -> Mapping[str, torch.Tensor]:
        clip = {f"clip.{name}": value for name, value in self.clip.state().items()}
        return {"step": torch.tensor(self.step), **clip}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        self.step = int(state["step"])
        clip = {n.removeprefix("clip."): v for n, v in state.items() if n.startswith("clip.")}
        self.clip.restore(clip)

    def _bind(self, model: nn.Module) -> _Bound:
        if self._bound is None or not self._bound.trained.is_of(model):
            found = ruled(model)
            self._bound = _Bound(
                Trained.of(model),
                found if isinstance(found, Ruled) else None,
                Layouts(self.plan.rows_per_unit),
            )
            if not isinstance(found, Ruled):
                self._slow_down(f"{type(found).__name__} computes its weights from others")
        return self._bound

    def _sum(
        self, bound: _Bound, subject: tuple[nn.Module, Losses], batch: Batch, arithmetic: Arithmetic
    ) -> float:
        """Add the cut gradients of a micro-batch to the sum; returns the sum of its losses."""
        units, rest = divmod(rows_of(batch), self.plan.rows_per_unit)
        assert rest == 0, "a micro-batch holds whole units"
        with arithmetic():
            margin = rounding(bound.trained.flat.device)
        if units > 1 and bound.rules is not None and not bound.compared:
            given = (bound.trained, bound.rules, bound.layouts)
            reason = compared(subject, batch, arithmetic, *given)
            bound.compared = True
            if reason is not None:
                bound.rules = None
                self._slow_down(reason)
        if units > 1 and bound.rules is not None:
            try:
                given = (bound.trained, bound.rules, bound.layouts)
                losses, tape = together(subject, batch, arithmetic, *given)
            except OffRules as off:
                self._slow_down(str(off))
            else:
                self._add(bound.trained, tape, margin)
                return _finite_sum(losses)
        total = 0.0
        for unit in units_between(batch, 0, units, self.plan.rows_per_unit):
            total += _finite_sum(alone(subject, unit, arithmetic, bound.trained))
            self._add_one(bound.trained, margin)
        return total

    @torch.no_grad()
    def _add(self, trained: Trained, tape: Tape, margin: float) -> None:
        squares = tape.squares(trained.layers, trained.count)
        finite = squares.sum(0).isfinite()
        if not bool(finite.all()):
            tape.leave_out(~finite)
            squares = squares.where(finite, 0.0)
        factors = self._factors(squares, margin)
        tape.add_to(trained.totals, factors, trained.layers)

    @torch.no_grad()
    def _add_one(self, trained: Trained, margin: float) -> None:
        squares = trained.squares()
        if bool(squares.sum().isfinite()):
            trained.add(self._factors(squares[:, None], margin)[:, 0])
        else:
            self._factors(torch.zeros_like(squares)[:, None], margin)
        trained.clear()

    def _factors(self, squares: torch.Tensor, margin: float) -> torch.Tensor:
        plan = self.plan
        assert self._bound is not None
        values = self._bound.trained.flat.numel()
        return self.clip.factors(squares, margin + self.noise.margin(values, plan.noise_multiplier))

    @torch.no_grad()
    def _release(self, trained: Trained) -> None:
        """Noise, the public divisor, and the count of released steps."""
        plan = self.plan
        noisy = plan.noise_multiplier > 0
        if noisy:
            deviation = self.clip.noise_multiplier(plan.noise_multiplier) * self.clip.norm
            self.correlated.add_to(trained.flat, deviation, self.step)
        trained.flat.div_(plan.expected_batch)
        trained.hand_over()
        self.clip.settle(self.noise.deviate(self.step) if noisy else 0.0)
        self.step += 1

    def _slow_down(self, reason: str) -> None:
        if self.slow is None:
            self.slow = reason
            warnings.warn(
                f"private gradients are computed one row at a time, which is slow: {reason}",
                stacklevel=2,
            )


def _finite_sum(losses: torch.Tensor) -> float:
    return float(losses.nan_to_num(0.0, 0.0, 0.0).sum())


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
