"""What thresholds are chosen for: rows in, one factor for each class out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.errors import RecipeError
from accord.metric.counts import Counts
from accord.metric.scorer import Floats
from accord.metric.threshold.search import search, summed
from accord.part import Spec

Ids = npt.NDArray[np.int64]


class ThresholdSpec(Spec):
    """Base of what a part of slot `threshold` is described by.

    Such a part is a function `(spec, names) -> Aim`; names are those of the classes. Each label of
    a row that may have several is asked about by itself: its names are `""` (without it) and its
    own.
    """

    resamples: int = Field(default=200, ge=0)
    """Bootstrap resamples of the validation rows. The median of their thresholds is taken, which
    hangs less on single rows than the best threshold does; 0 takes the best."""

    @property
    def tunes(self) -> bool:
        """Whether it looks at validation rows."""
        return True

    @property
    def smooths(self) -> bool:
        """Whether a median of thresholds does what each of them does."""
        return True

    @property
    def named(self) -> tuple[str, ...]:
        """Classes that it names."""
        return ()


@dataclass(frozen=True, slots=True)
class Rows:
    """What thresholds are chosen from.

    Args:
        chances: Probability of each class in validation rows. Shape [n, L].
        truth: Their classes. Shape [n].
        weight: How often each counts. Shape [n].
        trained: Training rows of each class. Shape [L].
    """

    chances: Floats
    truth: Ids
    weight: Floats
    trained: Floats


class Aim(Protocol):
    """Chooses factors, and says what a choice is worth."""

    def factors(self, rows: Rows) -> Floats:
        """One for each class [L]; all 1 changes nothing."""
        ...

    def value(self, rows: Rows, guess: Ids) -> float:
        """What these answers [n] are worth; more is better."""
        ...


Measure = Callable[[Counts, Floats], Floats]
"""Counts [L, R] and the mean cost of a row [R] to what they are worth [R]; more is better."""


@dataclass(frozen=True, slots=True)
class Best:
    """Factors of the highest measure on the rows.

    Args:
        measure: What is made high.
        costs: Of a row, by its class and what it was taken for [L, L]; None for none.
        moved: Classes whose factors are sought; None for all.
    """

    measure: Measure
    costs: Floats | None = None
    moved: tuple[int, ...] | None = None

    def factors(self, rows: Rows) -> Floats:
        size = rows.chances.shape[1]
        costs = np.zeros((size, size)) if self.costs is None else self.costs
        moved = tuple(range(size)) if self.moved is None else self.moved
        # Of two classes only the ratio of the factors matters.
        moved = moved[-1:] if size == 2 else moved
        return search(rows.chances, rows.truth, rows.weight, self.measure, costs, moved)

    def value(self, rows: Rows, guess: Ids) -> float:
        size = rows.chances.shape[1]
        weight, truth = rows.weight, rows.truth
        counted = Counts(
            summed(truth, weight * (truth == guess), size),
            summed(guess, weight, size),
            summed(truth, weight, size),
        )
        cost = 0.0 if self.costs is None else weight @ self.costs[truth, guess] / weight.sum()
        return float(self.measure(counted, np.array([cost]))[0])


def position(names: Sequence[str], wanted: str | None) -> int:
    """The class that is meant; of two the second by default, as metrics take it.

    Raises:
        RecipeError: It is not said which.
    """
    if names[0] == "" or (wanted is None and len(names) == 2):
        return 1
    if wanted is None:
        raise RecipeError(
            "it is not said which class is meant",
            code="thresholds-class",
            path="balance.thresholds.of",
            expected=", ".join(names[:20]),
            fix="name one of these under `of:`",
        )
    return list(names).index(wanted)
