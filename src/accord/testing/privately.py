"""Contract of mechanisms: that batches and noise are what the accountant counts with."""

from __future__ import annotations

from itertools import chain, islice
from typing import Any

import numpy as np

from accord.privacy.mechanism.steps import Figures
from accord.privacy.members import Members
from accord.testing.contract import Contract

UNITS, BATCH, STEPS = 60, 12, 40


class MechanismContract(Contract):
    """Who takes part in a step follows from the secret; a stretch of steps is one Gaussian."""

    def steps(self) -> Any:
        return self.part(self.spec(), Figures(UNITS, BATCH, STEPS))

    def drawn(self, start: int = 0, secret: bytes = b"s" * 32) -> list[list[int]]:
        """Units of the steps from `start` on, each of which is one row."""
        order = self.steps().order(Members(np.arange(UNITS + 1), np.arange(UNITS), 1, secret))
        assert order.rows == UNITS
        batches = islice(order.batches(0, BATCH, start), STEPS - start)
        return [sorted(chosen.rows.tolist()) for chosen in batches]

    def test_batches_follow_from_secret_and_step(self) -> None:
        assert self.drawn()[7:] == self.drawn(start=7)
        assert self.drawn() != self.drawn(secret=b"t" * 32)

    def test_steps_draw_as_many_as_they_are_divided_by(self) -> None:
        sizes = [len(units) for units in self.drawn()]
        expected = self.steps().probability * UNITS
        assert abs(np.mean(sizes) - expected) < 0.15 * expected

    def test_noise_is_measured_by_columns_of_length_one(self) -> None:
        column = self.steps().column()
        assert abs(sum(share**2 for share in column) - 1) < 1e-9
        assert column[0] > 0

    def test_without_chance_a_unit_takes_part_once_in_a_stretch(self) -> None:
        found = self.steps()
        if found.sampling == "poisson":
            assert (found.each, len(found.column())) == (1, 1)
            return
        drawn = self.drawn()
        for start in range(STEPS - len(found.column()) + 1):
            within = list(chain.from_iterable(drawn[start : start + len(found.column())]))
            assert len(set(within)) == len(within), "no row of C meets two parts of a unit"
        for start in range(0, STEPS, found.each):
            within = list(chain.from_iterable(drawn[start : start + found.each]))
            assert len(set(within)) == len(within), "a charge is for one part of a unit"
