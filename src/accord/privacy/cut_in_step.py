"""The sum of units' gradients, each cut, by processes that go through a model together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn
from torch.distributed.fsdp import FSDPModule

from accord.batch.team import ALONE, Team
from accord.privacy.comparison import compared
from accord.privacy.cut import Cut, Subject
from accord.privacy.differentiate import alone, together
from accord.privacy.divided import Divided
from accord.privacy.layer.attention import attention
from accord.privacy.layer.rules import Ruled
from accord.privacy.layer.spread import whole
from accord.privacy.rows import Arithmetic, Batch, Losses, units_between
from accord.privacy.sweep import OffRules
from accord.privacy.tape import Tape
from accord.privacy.trained import Trained


@dataclass(slots=True)
class CutInStep(Cut):
    """The same where weights are divided over a team: all take every pass, whose number they agree
    on, and at the end of each what they have found. Whether rows are computed one at a time is
    decided for all by the first who has to.

    A process with fewer passes takes one again; units of it, and units all of whose rows weigh 0
    (`Dealt(filled=True)`), are none: they are neither counted nor have they a factor.

    Args:
        team: The processes. Each has a micro-batch in every step.
    """

    team: Team = ALONE

    def add(
        self, model: nn.Module, objective: Losses, batches: Sequence[Batch], how: Arithmetic
    ) -> tuple[float, int]:
        subject, bound = (model, objective), self._at_hand
        smallest = min(batches, key=self._units)
        largest = max(batches, key=self._units)
        if bound.rules is not None and not bound.compared and self._most(self._units(largest)) > 1:
            self._compare(subject, largest, how)
        total, count = 0.0, 0
        for number in range(self._most(len(batches))):
            own = number < len(batches)
            batch = batches[number] if own else smallest
            there = self._there(batch) & own
            losses = self._pass(subject, batch, there, how)
            total += losses if own else 0.0
            count += int(there.sum())
        return total, count

    def _pass(self, subject: Subject, batch: Batch, there: torch.Tensor, how: Arithmetic) -> float:
        """Add those units of a micro-batch that are there [units]; returns the sum of losses."""
        bound, margin = self._at_hand, self._margin(how)
        if bound.rules is not None and bound.compared:
            found, off = None, None
            try:
                found = together(subject, batch, how, *bound.given())
            except OffRules as error:
                off = str(error)
            if self._most(off is not None) == 0:
                assert found is not None
                self._add_those(bound.trained, found[1], there, margin)
                return self._told(found[0])
            found = None
            self._slow_down(off or "no rule follows what another process computes")
        return self._one_by_one(subject, batch, there, how, margin)

    def _one_by_one(
        self, subject: Subject, batch: Batch, there: torch.Tensor, how: Arithmetic, margin: float
    ) -> float:
        units, total = self._units(batch), 0.0
        for number in range(self._most(units)):
            at = min(number, units - 1)
            own = number < units and bool(there[at])
            (unit,) = units_between(batch, at, at + 1, self.rows_per_unit)
            losses = alone(subject, unit, how, self._at_hand.trained)
            total += self._told(losses) if number < units else 0.0
            self._add_one_if(self._at_hand.trained, margin, own=own)
        return total

    def _compare(self, subject: Subject, batch: Batch, how: Arithmetic) -> None:
        """One who has a single unit takes it twice, as others have two that differ."""
        if self._units(batch) == 1:
            batch = {name: torch.cat([value, value]) for name, value in batch.items()}
        reason = compared(subject, batch, how, *self._at_hand.given(), private=self.private)
        if self._most(reason is not None) and reason is None:
            reason = "another process found gradients that are not those of a row alone"
        self._judge(reason)

    def _trained(self, model: nn.Module) -> Trained:
        return Divided.of(model)

    def _rules(self, model: nn.Module) -> Ruled | None:
        found = super(CutInStep, self)._rules(model)
        if found is None:
            return None
        for module, rule in found.rules.items():
            # They compute a module anew for each row: its weights would have to come as often.
            if rule in (attention, whole) and any(
                isinstance(m, FSDPModule) for m in module.modules()
            ):
                self._slow_down(f"{type(module).__name__} is divided, and computed row by row")
                return None
        return found

    @torch.no_grad()
    def _add_those(self, trained: Trained, tape: Tape, there: torch.Tensor, margin: float) -> None:
        self.reached.update(tape.entries)
        squares = tape.squares(trained.layers, trained.count)
        finite = squares.sum(0).isfinite()
        if not bool((finite & there).all()):
            tape.leave_out(~(finite & there))
            squares = squares.where(finite, 0.0)
        factors = torch.zeros_like(squares)
        if bool(there.any()):
            factors[:, there] = self.factors(squares[:, there], margin)
        trained.take(tape, factors)

    @torch.no_grad()
    def _add_one_if(self, trained: Trained, margin: float, *, own: bool) -> None:
        """All add, one who has nothing nothing."""
        squares = trained.squares()
        if own and bool(squares.sum().isfinite()):
            self._add_one(trained, margin)
            return
        if own:
            self.factors(torch.zeros_like(squares)[:, None], margin)
        trained.clear()
        trained.add(torch.zeros_like(squares))

    def _there(self, batch: Batch) -> torch.Tensor:
        """Which units of a micro-batch are any. [units]"""
        weight, units = batch.get("weight"), self._units(batch)
        if weight is None:
            return torch.ones(units, dtype=torch.bool, device=batch["rows"].device)
        return weight.view(units, -1).ne(0).any(1)

    def _most(self, number: float) -> int:
        """The largest number that one of the processes has."""
        told = [0.0] * self.team.size
        told[self.team.rank] = float(number)
        return round(max(self.team.add_numbers(*told)))
