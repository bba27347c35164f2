"""The sum of units' gradients, each cut: what private training adds its noise to."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.errors import ModelError
from accord.privacy.comparison import compared
from accord.privacy.differentiate import alone, rounding, together
from accord.privacy.layer.rules import Ruled, ruled
from accord.privacy.rows import Arithmetic, Batch, Losses, rows_of, units_between
from accord.privacy.sweep import Layouts, OffRules
from accord.privacy.tape import Tape
from accord.privacy.trained import Trained

Factors = Callable[[torch.Tensor, float], torch.Tensor]
"""What each unit's gradient is multiplied by, [layers, units]: from the squared norms
[layers, units], which may be wrong by a share."""
Subject = tuple[nn.Module, Losses]


@dataclass(slots=True)
class _Bound:
    """The engine for one model."""

    trained: Trained
    rules: Ruled | None
    layouts: Layouts
    compared: bool = False

    def given(self) -> tuple[Trained, Ruled, Layouts]:
        """What a pass by rules needs."""
        assert self.rules is not None
        return self.trained, self.rules, self.layouts


@dataclass(slots=True)
class Cut:
    """Adds up gradients of units, each times its factor: from one backward pass a micro-batch where
    every layer goes by a rule, else from one a unit.

    Args:
        factors: How units are cut.
        rows_per_unit: Adjacent rows of a batch that are one unit.
        private: Whether units whose gradient is not finite are left out, and models refused whose
            rows depend on each other. Else the one shows in the sum, and the other go one at a
            time.
    """

    factors: Factors
    rows_per_unit: int = 1
    private: bool = True
    slow: str | None = field(default=None, init=False)
    """Why rows are computed one at a time, where they are."""
    reached: set[int] = field(default_factory=set, init=False)
    """Weights (ids) that a gradient has reached since the start."""
    _bound: _Bound | None = field(default=None, init=False, repr=False)

    def start(self, model: nn.Module) -> Trained:
        """The trained weights of a model, with a sum of nothing.

        Raises:
            ModelError: A layer mixes rows, and this is private.
        """
        bound = self._bound
        if bound is None or not bound.trained.is_of(model):
            bound = _Bound(self._trained(model), self._rules(model), Layouts(self.rows_per_unit))
            self._bound = bound
        bound.trained.forget()
        self.reached.clear()
        return bound.trained

    def add(
        self, model: nn.Module, objective: Losses, batches: Sequence[Batch], how: Arithmetic
    ) -> tuple[float, int]:
        """Add those of all micro-batches; returns the sum of their losses, without what is left
        out, and the number of their units.

        Raises:
            ModelError: A row's loss depends on the rows beside it, and this is private.
        """
        subject = (model, objective)
        total = sum(self._add_batch(subject, batch, how) for batch in batches)
        return total, sum(self._units(batch) for batch in batches)

    def _add_batch(self, subject: Subject, batch: Batch, how: Arithmetic) -> float:
        bound, units = self._at_hand, self._units(batch)
        margin = self._margin(how)
        if units > 1 and bound.rules is not None and not bound.compared:
            self._judge(compared(subject, batch, how, *bound.given(), private=self.private))
        if units > 1 and bound.rules is not None:
            try:
                losses, tape = together(subject, batch, how, *bound.given())
            except OffRules as off:
                self._slow_down(str(off))
            else:
                self._add(bound.trained, tape, margin)
                return self._told(losses)
        total = 0.0
        for unit in units_between(batch, 0, units, self.rows_per_unit):
            total += self._told(alone(subject, unit, how, bound.trained))
            self._add_one(bound.trained, margin)
        return total

    @property
    def _at_hand(self) -> _Bound:
        assert self._bound is not None, "start comes first"
        return self._bound

    def _trained(self, model: nn.Module) -> Trained:
        return Trained.of(model)

    def _units(self, batch: Batch) -> int:
        units, rest = divmod(rows_of(batch), self.rows_per_unit)
        assert rest == 0, "a micro-batch holds whole units"
        return units

    def _margin(self, how: Arithmetic) -> float:
        with how():
            return rounding(self._at_hand.trained.device)

    def _judge(self, reason: str | None) -> None:
        """Compared once, rules are used, or, for a reason, never."""
        self._at_hand.compared = True
        if reason is not None:
            self._at_hand.rules = None
            self._slow_down(reason)

    def _rules(self, model: nn.Module) -> Ruled | None:
        try:
            found = ruled(model)
        except ModelError as error:
            if self.private:
                raise
            self._slow_down(error.problem)
            return None
        if isinstance(found, Ruled):
            return found
        self._slow_down(f"{type(found).__name__} computes its weights from others")
        return None

    @torch.no_grad()
    def _add(self, trained: Trained, tape: Tape, margin: float) -> None:
        self.reached.update(tape.entries)
        squares = tape.squares(trained.layers, trained.count)
        finite = squares.sum(0).isfinite()
        if self.private and not bool(finite.all()):
            tape.leave_out(~finite)
            squares = squares.where(finite, 0.0)
        trained.take(tape, self.factors(squares, margin))

    @torch.no_grad()
    def _add_one(self, trained: Trained, margin: float) -> None:
        self.reached |= trained.found()
        squares = trained.squares()
        if not self.private or bool(squares.sum().isfinite()):
            trained.add(self.factors(squares[:, None], margin)[:, 0])
        else:
            self.factors(torch.zeros_like(squares)[:, None], margin)
        trained.clear()

    def _told(self, losses: torch.Tensor) -> float:
        return float((losses.nan_to_num(0.0, 0.0, 0.0) if self.private else losses).sum())

    def _slow_down(self, reason: str) -> None:
        if self.slow is None:
            self.slow = reason
            warnings.warn(
                f"gradients are computed one row at a time, which is slow: {reason}", stacklevel=2
            )
