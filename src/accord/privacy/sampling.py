"""Which units take part in a step: each by itself, with one probability, by a secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from accord.batch.order import Chosen
from accord.privacy.members import Members

LABEL = b"accord sample"


@dataclass(frozen=True, slots=True)
class Poisson:
    """Every unit takes part in a step with the same probability, independently of all others: what
    the accountant counts with. Batches differ in size, and some are empty.

    Guarantees:
        A step's batch is a function of the secret and the step's number alone. Neither the seed of
        the recipe nor a batch size has a say in it.

    Args:
        members: The units.
        probability: That a unit takes part in a step.
        rows: Units of an epoch, as the public is told: the number says how many steps it has.
    """

    members: Members
    probability: float
    rows: int

    @property
    def together(self) -> int:
        """Rows of a unit that follow one another in a batch."""
        return self.members.together

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        step = start
        while True:
            yield self.step(step)
            step += 1

    def step(self, step: int) -> Chosen:
        """The batch of a step."""
        chance = drawing(self.members.secret, LABEL, step)
        # Below a threshold of 2^53 levels: the probability is exact to one part in 10^16.
        drawn = np.flatnonzero(chance.random(len(self.members)) < self.probability)
        return self.members.taken(drawn, chance)


def drawing(secret: bytes, label: bytes, step: int) -> np.random.Generator:
    """A generator for one purpose and step."""
    key = hmac.digest(secret, label + step.to_bytes(8, "big"), hashlib.sha256)
    return np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], np.uint64)))
