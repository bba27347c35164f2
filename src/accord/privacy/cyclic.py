"""Which units take part in a step: each once an epoch, always at its own place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from accord.batch.order import Chosen, Numbers
from accord.privacy.sampling import LABEL, drawing, taken

PLACE = b"accord place"


@dataclass(frozen=True, slots=True)
class Cyclic:
    """An epoch has so many steps, and each unit its step in it, drawn once by itself.

    Guarantees:
        Two parts of a unit are `each` steps apart, whatever the other units are: one more moves
        none of them. A step's batch is a function of the secret and the step's number alone.

    Args:
        units, positions: As of `Poisson`.
        each: Steps of an epoch.
        rows: Units of an epoch, as the public is told.
        together: Rows that are taken of a unit each time.
        secret: 32 bytes of the run.
    """

    units: Numbers
    positions: Numbers
    each: int
    rows: int
    together: int = 1
    secret: bytes = field(default=b"", repr=False)

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        place = drawing(self.secret, PLACE, 0).random(len(self.units) - 1) * self.each
        epoch = [np.flatnonzero(place.astype(np.int64) == step) for step in range(self.each)]
        step = start
        while True:
            yield taken(self, epoch[step % self.each], drawing(self.secret, LABEL, step))
            step += 1
