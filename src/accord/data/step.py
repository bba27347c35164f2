"""What a data step is: rows in, rows out, and every change counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from accord.data.account import Account
from accord.data.source import Block
from accord.events import Log
from accord.permit import Permit
from accord.recipe.context import Context
from accord.recipe.tree import Recipe

WEIGHT = "accord:weight"
"""Column (float64) that a step adds where rows shall count more or less in the loss; 1 in the mean
is not asked for. Encoders carry it as `weight`."""


class RowStep(Protocol):
    """Looks at each row by itself; applied to the rows of every split, before they are divided."""

    def __call__(self, block: Block, account: Account) -> Block:
        """The block with columns replaced or rows left out (`Block.keep`).

        Guarantees:
            A pure function of the block but for `account`; the same block gives the same rows.
        """
        ...


class WholeStep(Protocol):
    """Looks at the rows of all splits together; applied before they are divided.

    Every block passes `survey` once, in reading order; then `settle` is called. `apply` may be
    called for the blocks more than once.
    """

    def survey(self, block: Block) -> None: ...

    def settle(self) -> None: ...

    def apply(self, block: Block, account: Account) -> Block:
        """The block with columns replaced or rows left out.

        Guarantees:
            A pure function of the block and what was surveyed, but for `account`.
        """
        ...

    def facts(self) -> dict[str, Any]:
        """What a trained model keeps of it, as JSON, to treat new rows alike."""
        ...

    def report(self) -> dict[str, Any]:
        """What it did, as JSON, for `accounting.json`."""
        ...


class TrainingStep(Protocol):
    """Looks at training rows as a whole; never sees a row of validation or test.

    If `surveys`, every training block passes `survey` once, in reading order, with the earlier
    steps applied; then `settle` is called. `apply` may be called for the blocks more than once.
    Rows are known by `(block.asset, block.rows)`, for blocks come cut differently.
    """

    surveys: bool

    def survey(self, block: Block) -> None: ...

    def settle(self) -> None: ...

    def apply(self, block: Block, account: Account) -> Block:
        """The block as it is to be learned from. Rows that are added repeat the number of the row
        they were made from.

        Guarantees:
            A pure function of the block and what was surveyed, but for `account`, whose `aside`
            takes the rows that are put into quarantine. A settled step can be pickled.
        """
        ...


@runtime_checkable
class FittedStep(TrainingStep, Protocol):
    """Learns from training rows, and is then applied to the rows of every split, and to new ones.

    What it does to a row hangs on that row alone.
    """

    def facts(self) -> dict[str, Any]:
        """Entries of schema.json and accord.json: what it takes to treat new rows alike."""
        ...


@dataclass(frozen=True, slots=True)
class Preparing:
    """What a training step is built from.

    Args:
        recipe: The whole recipe.
        context: The run.
        permit: Opens the base model and what training rows are compared with.
        problem: `single-label`, `multi-label`, `token-label`, `next-token` or `regression`.
        labels: Class names in id order; empty without classes.
        held_out: The rows of validation and test, for steps that compare training rows with them.
    """

    recipe: Recipe
    context: Context
    permit: Permit
    problem: str
    labels: tuple[str, ...]
    held_out: Callable[[], Iterator[Block]]

    @property
    def base(self) -> Path:
        """Folder that relative paths start from."""
        return self.context.base

    @property
    def log(self) -> Log:
        return self.context.log

    def base_model(self) -> Path:
        """The folder of the base model.

        Raises:
            AgreementError: Its agreement has ended.
            ModelError: It is not there.
        """
        from accord.model.formats import model_folder

        model = self.recipe.model
        assert model.base is not None
        self.permit.admit("base", date.today())
        return model_folder(model.base, model.revision, self.base)
