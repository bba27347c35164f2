"""What an ensemble is: facts of the training rows in, one member after the other out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.part import Spec

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mistakes = npt.NDArray[np.bool_]


class EnsembleSpec(Spec):
    """Base of what a part of slot `ensemble` is described by.

    Such a part is a function `(spec, rows) -> Ensemble`.
    """

    @property
    def by_class(self) -> bool:
        """Whether it needs rows with one class each."""
        return False


class Several(EnsembleSpec):
    """An ensemble of so many members."""

    members: int = Field(default=5, ge=1, le=100)
    """Models; each is trained as the recipe says, one after the other."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The training rows that members are taught on.

    Args:
        count: How many.
        labels: Class ids [rows]; empty where a row has no single class.
        classes: How many classes there are.
        seed: Of the recipe's training.
    """

    count: int
    labels: Ids
    classes: int
    seed: int


@dataclass(frozen=True, slots=True)
class Member:
    """What one member learns from. As it stands: a plain run.

    Args:
        seed: Instead of the recipe's, of new weights, order and dropout.
        rows: Positions of training rows, each as often as it is named; None for all.
        weight: How much each of them counts [rows]; None for alike.
        share: Of the recipe's epochs or steps.
        epochs: Instead of the recipe's.
        goes_on: Whether it starts from what the member before has learned.
    """

    seed: int
    rows: Ids | None = None
    weight: Floats | None = None
    share: float = 1.0
    epochs: float | None = None
    goes_on: bool = False


class Ensemble(Protocol):
    """Says how each member comes about.

    Guarantees:
        A pure function of what it was built from and of its arguments, so that a run that was
        killed goes on with the same members.
    """

    @property
    def size(self) -> int:
        """Members."""
        ...

    @property
    def looks_back(self) -> bool:
        """Whether it wants to know the mistakes of earlier members on their own rows."""
        ...

    def member(self, number: int, mistakes: Sequence[Mistakes]) -> Member:
        """The member of that number, from 0, after the mistakes of those before it."""
        ...

    def votes(self, mistakes: Sequence[Mistakes]) -> tuple[float, ...]:
        """How much each member counts in the mean of their probabilities; sums to 1."""
        ...


@dataclass(frozen=True, slots=True)
class Independent:
    """Members that know nothing of one another and count alike."""

    members: tuple[Member, ...]
    looks_back: bool = False

    @property
    def size(self) -> int:
        return len(self.members)

    def member(self, number: int, mistakes: Sequence[Mistakes]) -> Member:
        return self.members[number]

    def votes(self, mistakes: Sequence[Mistakes]) -> tuple[float, ...]:
        return tuple(1 / self.size for _ in self.members)


def alone(seed: int) -> Ensemble:
    """A single model: a plain run."""
    return Independent((Member(seed),))


def seed_of(seed: int, number: int) -> int:
    """Seed of a member: the recipe's own for the first, and of no other run for the others."""
    if number == 0:
        return seed
    return int(np.random.SeedSequence((seed, number)).generate_state(1)[0])


def thinned(rows: Rows, ratio: float, number: int) -> Ids | None:
    """All rows of rare classes and some, drawn by chance, of those with more than `ratio` times the
    rarest; None where none has more. Sorted."""
    counts = np.bincount(rows.labels, minlength=rows.classes)
    most = int(np.floor(ratio * counts[counts > 0].min() + 1e-9))
    if counts.max() <= most:
        return None
    chance = np.random.default_rng((rows.seed, number, 1))
    own = [np.flatnonzero(rows.labels == label) for label in range(rows.classes)]
    return np.sort(np.concatenate([chance.permutation(ids)[:most] for ids in own]))
