"""Which units take part in a step: each by itself, with one probability, by a secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from accord.batch.order import Chosen, Numbers

LABEL = b"accord sample"


@dataclass(frozen=True, slots=True)
class Poisson:
    """Every unit takes part in a step with the same probability, independently of all others: what
    the accountant counts with. Batches differ in size, and some are empty.

    Guarantees:
        A step's batch is a function of the secret and the step's number alone. Neither the seed of
        the recipe nor a batch size has a say in it.

    Args:
        units: Rows of each unit, adjacent in `positions`: those of unit i are
            `positions[units[i]:units[i + 1]]`. Shape [units + 1].
        positions: Rows of the split. Shape [rows].
        probability: That a unit takes part in a step.
        rows: Units of an epoch, as the public is told: the number says how many steps it has.
        together: Rows that are taken of a unit at most, drawn anew each time it takes part; a unit
            with fewer is filled with rows of weight 0.
        secret: 32 bytes of the run.
    """

    units: Numbers
    positions: Numbers
    probability: float
    rows: int
    together: int = 1
    secret: bytes = field(default=b"", repr=False)

    def batches(self, seed: int, batch_size: int, start: int) -> Iterator[Chosen]:
        step = start
        while True:
            yield self.step(step)
            step += 1

    def step(self, step: int) -> Chosen:
        """The batch of a step."""
        chance = drawing(self.secret, LABEL, step)
        # Below a threshold of 2^53 levels: the probability is exact to one part in 10^16.
        drawn = np.flatnonzero(chance.random(len(self.units) - 1) < self.probability)
        return taken(self, drawn, chance)


class Grouped(Protocol):
    """Rows by unit, as `Poisson` has them."""

    @property
    def units(self) -> Numbers: ...

    @property
    def positions(self) -> Numbers: ...

    @property
    def together(self) -> int: ...


def taken(order: Grouped, drawn: Numbers, chance: np.random.Generator) -> Chosen:
    """Rows of the units that take part in a step: of each as many as belong together."""
    units, positions, together = order.units, order.positions, order.together
    if together == 1:
        sizes = units[drawn + 1] - units[drawn]
        within = (chance.random(len(drawn)) * sizes).astype(np.int64)
        return Chosen(positions[units[drawn] + within])
    rows = np.zeros((len(drawn), together), dtype=np.int64)
    weight = np.zeros((len(drawn), together), dtype=np.float32)
    for at, unit in enumerate(drawn.tolist()):
        own = positions[units[unit] : units[unit + 1]]
        some = chance.permutation(own)[:together]
        rows[at], rows[at, : len(some)] = own[0], some
        weight[at, : len(some)] = 1 / len(some)
    return Chosen(rows.reshape(-1), weight.reshape(-1))


def drawing(secret: bytes, label: bytes, step: int) -> np.random.Generator:
    """A generator for one purpose and step."""
    key = hmac.digest(secret, label + step.to_bytes(8, "big"), hashlib.sha256)
    return np.random.Generator(np.random.Philox(key=np.frombuffer(key[:16], np.uint64)))


def grouped(owners: npt.NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """Rows by the unit they belong to, as `Poisson` takes them: where each unit starts, with the
    end of the last [units + 1], and the rows [rows].

    Args:
        owners: The unit of each row, any numbers. Shape [rows].
    """
    positions = np.argsort(owners, kind="stable")
    _, starts = np.unique(owners[positions], return_index=True)
    return np.append(starts, len(owners)).astype(np.int64), positions.astype(np.int64)
