"""What a stage is given besides its recipe and its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from accord.accounting.mechanism import Mechanism
from accord.artifact import Artifact, Store
from accord.events import Log
from accord.recipe.tree import Recipe


class Charges(Protocol):
    """What the private steps of a run are charged to: the budgets of those who gave its data, or
    nothing where none is kept. Steps are numbered over all the run; none is charged twice.
    """

    @property
    def delta(self) -> float | None:
        """The smallest delta that a budget is about."""
        ...

    def reserve(self, mechanism: Mechanism, first: int, steps: int) -> None:
        """Charge steps before the first of them; again after a crash, for a new holder.

        Raises:
            BudgetError: A budget does not suffice; nothing is charged.
        """
        ...

    def spend(self, upto: int) -> None:
        """From now on every step below `upto` may happen. Durable when it returns."""
        ...

    def give_back(self) -> None:
        """What is reserved and was not spent; the steps below the mark stay charged."""
        ...


@dataclass(frozen=True, slots=True)
class Nowhere:
    """No budget is kept."""

    delta: float | None = None

    def reserve(self, mechanism: Mechanism, first: int, steps: int) -> None: ...

    def spend(self, upto: int) -> None: ...

    def give_back(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """Where a stage works.

    Args:
        run: The run directory.
        base: Folder that relative paths of the recipe start from.
        store: Takes the artifact the stage makes.
        identity: The identity that artifact must be created with.
        log: The run's events.
        interrupted: True once the user asked to stop; long stages save, then raise `Interrupted`.
        charges: What private steps are charged to.
    """

    run: Path
    base: Path
    store: Store
    identity: str
    log: Log
    interrupted: Callable[[], bool]
    charges: Charges = Nowhere()


Stage = Callable[[Recipe, Mapping[str, Artifact], Context], Artifact]
"""`(spec, inputs by kind, context) -> artifact`; the recipe holds only the declared sections."""

__all__ = ["Charges", "Context", "Nowhere", "Stage"]
