"""Which units take part in a step: each once an epoch, always at its own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accord.batch.order import Chosen
from accord.privacy.members import Members
from accord.privacy.sampling import LABEL, drawing

PLACE = b"accord place"


@dataclass(frozen=True, slots=True)
class Cyclic:
    """An epoch has so many steps, and each unit its step in it, drawn once by itself.

    Guarantees:
        Two parts of a unit are `each` steps apart, whatever the other units are: one more moves
        none of them. A step's batch is a function of the secret and the step's number alone.

    Args:
        members: The units.
        each: Steps of an epoch.
        rows: Units of an epoch, as the public is told.
    """

    members: Members
    each: int
    rows: int

    @property
    def together(self) -> int:
        """Rows of a unit that follow one another in a batch."""
        return self.members.together

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        place = drawing(self.members.secret, PLACE, 0).random(len(self.members)) * self.each
        epoch = [np.flatnonzero(place.astype(np.int64) == step) for step in range(self.each)]
        step = start
        while True:
            chance = drawing(self.members.secret, LABEL, step)
            yield self.members.taken(epoch[step % self.each], chance)
            step += 1
