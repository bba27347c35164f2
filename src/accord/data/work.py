"""What is done with a unit of data in one pass over them; a pure function, wherever it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.account import Account
from accord.data.encoder import Encoder, Lengths
from accord.data.leakage import Sketch, sketch_of
from accord.data.newcomers import Newcomers
from accord.data.reject import Noted, Reject
from accord.data.rows import Usable
from accord.data.source import Block, received, sent
from accord.data.split import NAMES, TRAIN, Splits
from accord.data.step import TrainingStep, WholeStep
from accord.data.steps import fitted_steps, taken, through
from accord.data.unit import Unit
from accord.permit import Permit, Role
from accord.recipe.tree import Recipe

Rows = npt.NDArray[np.int64]


class Then(Protocol):
    """What is made of each usable block."""

    def __call__(self, block: Block, splits: Splits, account: Account) -> Any:
        """Something that can be pickled; None for nothing.

        Args:
            splits: Of the block's rows; empty before they are known.
        """
        ...


@dataclass(frozen=True, slots=True)
class Worked:
    """What was made of a unit.

    Args:
        role, run: Of the unit.
        seen: Rows of the run up to and with this unit, bad ones included.
        usable: Usable rows of the unit.
        made: Of each of its blocks.
        noted: What was noted of its rows, numbered in the run.
    """

    role: Role
    run: int
    seen: int
    usable: int
    made: tuple[Any, ...]
    noted: Noted


@dataclass(slots=True)
class Work:
    """Read, clean, protect; then what the pass is for.

    Args:
        recipe: Of the data stage.
        permit: Opens the files.
        base: Folder that relative paths start from.
        whole: Settled step over the rows of all splits.
        then: Is given every usable block.
        first: Whether the pass is the one in which bad rows are told of.
    """

    recipe: Recipe
    permit: Permit
    base: Path
    whole: WholeStep | None
    then: Then
    first: bool = False
    _usable: dict[Role, Usable] = field(default_factory=dict[Role, Usable], repr=False)

    def __getstate__(self) -> tuple[Any, ...]:
        """Without the expressions and keys of its steps: each process makes its own."""
        return self.recipe, self.permit, self.base, self.whole, self.then, self.first

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.recipe, self.permit, self.base, self.whole, self.then, self.first = state
        self._usable = {}

    def __call__(self, unit: Unit) -> Worked:
        """One unit, worked on.

        Raises:
            DataError: As `Usable` and the steps.
        """
        if unit.role not in self._usable:
            self._usable[unit.role] = Usable(self.permit, unit.role, self.recipe, self.base)
        noted, made, seen, rows = Noted(), list[Any](), 0, 0

        def bad(reject: Reject) -> None:
            nonlocal seen
            seen = max(seen, reject.row + 1)
            noted.add(reject)

        for block in unit.read(self.permit, bad):
            seen = max(seen, int(block.rows[-1]) + 1) if len(block.rows) else seen
            usable = self._usable[unit.role](_numbered_on(block, unit.first), noted)
            if self.whole is not None:
                usable = taken(self.whole.apply, usable, noted.account)
            if len(usable.rows):
                some = slice(rows, rows + len(usable.rows))
                own = np.zeros(0, np.int8) if unit.splits is None else unit.splits[some]
                made.append(self.then(usable, own, noted.account))
                rows = some.stop
        told = noted if self.first else Noted()
        return Worked(unit.role, unit.run, seen, rows, tuple(made), told)


def _numbered_on(block: Block, first: int) -> Block:
    return Block(block.batch, block.rows + first, block.file, block.asset) if first else block


def blocks_themselves(block: Block, splits: Splits, account: Account) -> Block:
    """The usable blocks, to be looked at together."""
    return block


def held_out(block: Block, splits: Splits, account: Account) -> Block | None:
    """The rows that are not learned from."""
    own = block.keep(splits > TRAIN)
    return own if len(own.rows) else None


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the first pass looks at: the block's labels and groups, and sketches of its contents."""

    block: Block
    sketch: Sketch | None


@dataclass(frozen=True, slots=True)
class Surveying:
    """What it takes to divide rows into splits and to find those that stand in two.

    Args:
        recipe: Of the data stage.
        similarity: As of `Sketches`.
    """

    recipe: Recipe
    similarity: float | None

    def __call__(self, block: Block, splits: Splits, account: Account) -> Surveyed:
        data = self.recipe.data
        label = (data.label,) if isinstance(data.label, str) else data.label or ()
        names = [n for n in block.batch.schema.names if n in label or n == data.group]
        narrow = Block(block.batch.select(names), block.rows, block.file, block.asset)
        if data.leakage.action == "off":
            return Surveyed(narrow, None)
        return Surveyed(narrow, sketch_of(block.batch, self.recipe, self.similarity))


@dataclass(frozen=True, slots=True)
class Training:
    """Training rows after some steps."""

    steps: tuple[TrainingStep, ...]

    def __call__(self, block: Block, splits: Splits, account: Account) -> Block | None:
        own = block.keep(splits == TRAIN)
        left = through(self.steps, own, Account())
        return left if len(left.rows) else None


@dataclass(frozen=True, slots=True)
class Piece:
    """Encoded rows of one split.

    Args:
        split: Code of the split.
        batch: As encoded.
        rows: Numbers of the rows they were made from.
        file, asset: Of the rows.
        lengths: Of the encoded rows.
    """

    split: int
    batch: pa.RecordBatch
    rows: Rows
    file: str
    asset: str
    lengths: Lengths

    def __reduce__(self) -> tuple[Any, ...]:
        others = (self.rows, self.file, self.asset, self.lengths)
        return _piece, (self.split, sent(self.batch), *others)


def _piece(split: int, content: pa.Buffer, *others: Any) -> Piece:
    return Piece(split, received(content), *others)


@dataclass(frozen=True, slots=True)
class Written:
    """What the last pass makes of a block.

    Args:
        asset, rows: Of the block as it was divided.
        pieces: One for each split.
        accounts: What the steps did, for each split.
    """

    asset: str
    rows: Rows
    pieces: tuple[Piece, ...]
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class Writing:
    """Training steps and encoder, as they are written.

    Args:
        steps: All of them.
        encoder: Settled.
        newcomers: Tells which rows held out are of what is new; None where nothing is said of it.
    """

    steps: Sequence[TrainingStep]
    encoder: Encoder
    newcomers: Newcomers | None = None

    def __call__(self, block: Block, splits: Splits, account: Account) -> Written:
        accounts, pieces = tuple(Account() for _ in NAMES), list[Piece]()
        for split, name in enumerate(NAMES):
            steps = self.steps if split == TRAIN else fitted_steps(self.steps)
            some = through(steps, block.keep(splits == split), accounts[split])
            if len(some.rows):
                if self.newcomers is not None and split != TRAIN:
                    some = self.newcomers.marked(some)
                self.encoder.lengths = Lengths()
                batch = self.encoder.encode(some, name)
                told = self.encoder.lengths
                pieces.append(Piece(split, batch, some.rows, some.file, some.asset, told))
        return Written(block.asset, block.rows, tuple(pieces), accounts)
