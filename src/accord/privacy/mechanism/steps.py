"""What a mechanism says of a run's steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from accord.accounting.mechanism import Sampling

if TYPE_CHECKING:
    from accord.batch.order import Order
    from accord.privacy.members import Members


@dataclass(frozen=True, slots=True)
class Figures:
    """What the public knows of a run.

    Args:
        units: In the training rows.
        batch_size: Units that a step shall draw.
        steps: Of the whole run.
    """

    units: int
    batch_size: int
    steps: int


class Steps(Protocol):
    """The steps of a run.

    Guarantees:
        Within `each` adjacent steps from a multiple of it on, a unit takes part once at most, or is
        drawn by chance in each with `probability` where `sampling` is `poisson`. The steps of such
        a stretch together are one Gaussian mechanism of the noise multiplier: where `column` is
        longer than 1, it is no longer than the steps between two parts of a unit.
    """

    @property
    def sampling(self) -> Sampling:
        """What the accountant may count with."""
        ...

    @property
    def probability(self) -> float:
        """Share of the units that a step is expected to draw."""
        ...

    @property
    def each(self) -> int:
        """Adjacent steps that are charged as one."""
        ...

    @property
    def version(self) -> str:
        """Of the code that draws and adds noise; goes into every charge."""
        ...

    def column(self) -> Sequence[float]:
        """First column of C, of length 1: noise is `C^-1 z` of independent z (see `Correlated`)."""
        ...

    def order(self, members: Members) -> Order:
        """The batches; functions of the secret and the step."""
        ...
