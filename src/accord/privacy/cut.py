"""The sum of units' gradients, each cut: what private training adds its noise to."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn

from accord.batch.team import ALONE, Team
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

    A unit all of whose rows weigh 0 is none: it is neither counted nor has it a factor.

    Args:
        factors: How units are cut.
        rows_per_unit: Adjacent rows of a batch that are one unit.
        private: Whether units whose gradient is not finite are left out, and models refused whose
            rows depend on each other. Else the one shows in the sum, and the other go one at a
            time.
        in_step: Processes that hold the model's weights in parts: all take every pass, as many as
            the one with the most, and decide together whether rows go one at a time. Each has a
            micro-batch in every step (`Dealt(filled=True)`).
    """

    factors: Factors
    rows_per_unit: int = 1
    private: bool = True
    in_step: Team = ALONE
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
        bound.trained.sums.forget()
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
        self._compare_once(subject, batches, how)
        smallest = min(batches, key=self._units, default=None)
        total, count = 0.0, 0
        for number in range(self._most(len(batches))):
            own = number < len(batches)
            batch = batches[number] if own else smallest
            assert batch is not None, "each process has a micro-batch in every step"
            there = self._there(batch) & own
            losses = self._add_batch(subject, batch, there, how)
            total += losses if own else 0.0
            count += int(there.sum())
        return total, count

    def _compare_once(self, subject: Subject, batches: Sequence[Batch], how: Arithmetic) -> None:
        bound = self._at_hand
        if bound.rules is None or bound.compared:
            return
        batch = max(batches, key=self._units, default=None)
        if self._most(0 if batch is None else self._units(batch)) < 2:
            return
        assert batch is not None, "each process has a micro-batch in every step"
        if self._units(batch) == 1:  # others have two, which differ
            batch = {name: torch.cat([value, value]) for name, value in batch.items()}
        bound.compared = True
        reason = self._compare(subject, batch, how)
        if reason is not None and self.in_step.size == 1 and (mapped := bound.rules.mapped()):
            bound.rules, bound.layouts = mapped, Layouts(self.rows_per_unit)
            reason = self._compare(subject, batch, how)
        if reason is not None:
            bound.rules = None
            self._slow_down(reason)

    def _compare(self, subject: Subject, batch: Batch, how: Arithmetic) -> str | None:
        """Why the rules at hand cannot be used; all processes say the same of them."""
        reason, refused = None, None
        try:
            reason = compared(subject, batch, how, *self._at_hand.given(), private=self.private)
        except ModelError as error:
            refused = error
        if self._most(refused is not None):
            raise refused or ModelError(
                "another process found a row whose loss depends on the rows beside it",
                code="privacy-mixing",
                path="model",
                fix="see what that process says",
            )
        if self._most(reason is not None):
            return reason or "another process found gradients that are not a row's own"
        return None

    def _add_batch(
        self, subject: Subject, batch: Batch, there: torch.Tensor, how: Arithmetic
    ) -> float:
        """Add those units of a micro-batch that are there [units]; returns the sum of losses."""
        bound, margin = self._at_hand, self._margin(how)
        if bound.rules is not None and bound.compared:
            found, off = None, None
            try:
                found = together(subject, batch, how, *bound.given())
            except OffRules as error:
                off = str(error)
            if not self._most(off is not None):
                assert found is not None
                losses, tape = found
                self._add_those(bound.trained, tape, there, margin)
                return self._told(losses)
            found = None
            self._slow_down(off or "no rule follows what another process computes")
        return self._one_by_one(subject, batch, there, how, margin)

    def _one_by_one(
        self, subject: Subject, batch: Batch, there: torch.Tensor, how: Arithmetic, margin: float
    ) -> float:
        trained, units, total = self._at_hand.trained, self._units(batch), 0.0
        for number in range(self._most(units)):
            at = min(number, units - 1)
            own = number < units
            (unit,) = units_between(batch, at, at + 1, self.rows_per_unit)
            losses = alone(subject, unit, how, trained)
            total += self._told(losses) if own else 0.0
            self._add_one(trained, margin, there=own and bool(there[at]))
        return total

    @property
    def _at_hand(self) -> _Bound:
        assert self._bound is not None, "start comes first"
        return self._bound

    def _trained(self, model: nn.Module) -> Trained:
        if self.in_step.size == 1:
            return Trained.of(model)
        from accord.privacy.divided import divided

        return divided(model)

    def _units(self, batch: Batch) -> int:
        units, rest = divmod(rows_of(batch), self.rows_per_unit)
        assert rest == 0, "a micro-batch holds whole units"
        return units

    def _there(self, batch: Batch) -> torch.Tensor:
        """Which units of a micro-batch count. [units]"""
        weight, units = batch.get("weight"), self._units(batch)
        if weight is None:
            return torch.ones(units, dtype=torch.bool, device=batch["rows"].device)
        return weight.view(units, -1).ne(0).any(1)

    def _most(self, number: float) -> int:
        """The largest number that one of the processes in step has."""
        told = [0.0] * self.in_step.size
        told[self.in_step.rank] = float(number)
        return round(max(self.in_step.add_numbers(*told)))

    def _margin(self, how: Arithmetic) -> float:
        with how():
            return rounding(self._at_hand.trained.device)

    def _rules(self, model: nn.Module) -> Ruled | None:
        try:
            found = ruled(model)
        except ModelError as error:
            if self.private:
                raise
            self._slow_down(error.problem)
            return None
        if not isinstance(found, Ruled):
            self._slow_down(f"{type(found).__name__} computes its weights from others")
            return None
        if self.in_step.size == 1:
            return found
        from accord.privacy.divided import divided_within

        if (module := divided_within(found)) is not None:
            self._slow_down(f"{type(module).__name__} is divided, and computed row by row")
            return None
        return found

    @torch.no_grad()
    def _add_those(self, trained: Trained, tape: Tape, there: torch.Tensor, margin: float) -> None:
        squares = tape.squares(trained.layers, trained.count)
        kept = there
        if self.private:
            finite = squares.sum(0).isfinite()
            kept, squares = there & finite, squares.where(finite, 0.0)
        if not bool(kept.all()):
            tape.leave_out(~kept)
        factors = torch.zeros_like(squares)
        if bool(there.any()):
            self.reached.update(tape.entries)
            factors[:, there] = self.factors(squares[:, there], margin)
        trained.take(tape, factors)

    @torch.no_grad()
    def _add_one(self, trained: Trained, margin: float, *, there: bool) -> None:
        """Where weights are divided all add, one who has nothing nothing."""
        squares = trained.squares()
        kept = there and (not self.private or bool(squares.sum().isfinite()))
        factors = torch.zeros_like(squares)
        if there:
            self.reached |= trained.found()
            found = self.factors((squares if kept else factors)[:, None], margin)[:, 0]
            factors = found if kept else factors
        if not kept:
            trained.clear()
        trained.add(factors)
        trained.clear()

    def _told(self, losses: torch.Tensor) -> float:
        return float((losses.nan_to_num(0.0, 0.0, 0.0) if self.private else losses).sum())

    def _slow_down(self, reason: str) -> None:
        if self.slow is None:
            self.slow = reason
            warnings.warn(
                f"gradients are computed one row at a time, which is slow: {reason}", stacklevel=2
            )
