"""The usable rows of all roles, in one order, as often as wanted: each pass over them is work for
an engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from accord.data.engine.engine import Engine
from accord.data.reject import Rejects
from accord.data.source import BATCH_ROWS, Block
from accord.data.split import Splits
from accord.data.step import TrainingStep, WholeStep
from accord.data.survey import ROLES
from accord.data.unit import IMAGE_ROWS, Unit, units
from accord.data.work import Then, Training, Work, Worked, blocks_themselves, held_out
from accord.errors import IntegrityError, Interrupted
from accord.permit import Permit, Role
from accord.recipe.context import Context
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe


@dataclass(slots=True)
class Passes:
    """Drives an engine over the data.

    Args:
        recipe: Of the data stage.
        permit: Opens the files.
        context: The run.
        engine: Does the work.
        whole: Settled step over the rows of all splits, if there is one.
    """

    recipe: Recipe
    permit: Permit
    context: Context
    engine: Engine
    whole: WholeStep | None = None
    splits: Splits | None = None
    """The split of every usable row, once that is known."""
    read: dict[Role, int] = field(default_factory=dict[Role, int])
    """Rows of each role, bad ones included."""
    _starts: dict[tuple[Role, int], int] = field(default_factory=dict[tuple[Role, int], int])
    _usable: list[int] = field(default_factory=list[int])

    def settle(self, whole: WholeStep) -> None:
        """Let a step look at all rows, and take it from then on."""
        for worked in self._pass(Work(*self._where(), None, blocks_themselves)):
            for block in worked.made:
                whole.survey(block)
        whole.settle()
        self.whole = whole

    def first(self, then: Then, rejects: Rejects) -> Iterator[tuple[Role, Any]]:
        """What `then` makes of each block; the rows are counted, bad ones told to `rejects`."""
        before: tuple[Role, int] | None = None
        for worked in self._pass(Work(*self._where(), self.whole, then, first=True)):
            run = (worked.role, worked.run)
            if run != before:
                self._starts[run] = self.read.get(worked.role, 0)
                before = run
            self.read[worked.role] = self._starts[run] + worked.seen
            self._usable.append(worked.usable)
            rejects.take(worked.noted, self._starts[run])
            for made in worked.made:
                yield worked.role, made

    def again(self, then: Then) -> Iterator[Any]:
        """What `then` makes of each block, whose rows are numbered and divided by now.

        Raises:
            IntegrityError: The data are not those of the first pass.
        """
        before = iter(self._usable)
        for worked in self._pass(Work(*self._where(), self.whole, then)):
            if worked.usable != next(before, None):
                raise _changed(worked.role)
            yield from worked.made

    def training(self, steps: tuple[TrainingStep, ...]) -> Iterator[Block]:
        """The training rows after these steps; what the steps do is counted when it is written."""
        return (block for block in self.again(Training(steps)) if block is not None)

    def held_out(self) -> Iterator[Block]:
        """The rows of validation and test."""
        return (block for block in self.again(held_out) if block is not None)

    def _where(self) -> tuple[Recipe, Permit, Path]:
        return self.recipe, self.permit, self.context.base

    def _pass(self, work: Work) -> Iterator[Worked]:
        rows, began = 0, time.monotonic()
        last = began
        for worked in self.engine.map(work, self._units()):
            rows += worked.usable
            now = time.monotonic()
            if now - last > 1:
                self.context.log.emit("prepare", rows=rows, rate=rows / (now - began))
                last = now
            if self.context.interrupted():
                raise _stopped()
            yield worked

    def _units(self) -> Iterator[Unit]:
        """All pieces of the data, with what is known of them by now."""
        data, number, start = self.recipe.data, 0, 0
        image = TASKS[self.recipe.task].modality == "image"
        size = IMAGE_ROWS if image else BATCH_ROWS
        for role in ROLES:
            if role != "train" and not isinstance(getattr(data, role), str):
                continue
            for unit in units(self.permit, role, data.format, batch_rows=size):
                if self.context.interrupted():
                    raise _stopped()
                if self.splits is None or number >= len(self._usable):
                    yield unit
                    continue
                stop = start + self._usable[number]
                first = self._starts[role, unit.run]
                yield replace(unit, first=first, splits=self.splits[start:stop])
                number, start = number + 1, stop


def _stopped() -> Interrupted:
    return Interrupted(
        "stopped while the data were prepared",
        code="interrupted",
        fix="run the same command with --resume to begin this stage again",
    )


def _changed(role: Role) -> IntegrityError:
    return IntegrityError(
        "the data are not what they were when they were read before",
        code="data-changed",
        path=f"data.{role}",
        why="rows would stand in the wrong split",
        fix="run the recipe again when nothing else writes to the data",
    )
