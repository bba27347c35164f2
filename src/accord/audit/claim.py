"""How well a unit may be told apart, by what the accounting claims."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accord.accounting import odometer
from accord.accounting.mechanism import Mechanism

Floats = npt.NDArray[np.float64]
INTERVAL = 1e-2
"""Of the grid of losses: the curve is the same to four digits on finer ones, which take seconds."""
EPSILONS = (*np.linspace(0, 4, 61).tolist(), *np.linspace(4.25, 16, 48).tolist())


@dataclass(frozen=True, slots=True)
class Claim:
    """A mechanism's privacy as a curve: delta at each epsilon. It says more than one pair of both.

    Args:
        epsilons, deltas: Shapes [points].
    """

    epsilons: Floats
    deltas: Floats

    @classmethod
    def of(cls, mechanism: Mechanism, steps: int) -> Claim:
        """What is claimed of a mechanism after so many steps.

        Raises:
            MissingExtra: dp-accounting is not installed.
        """
        composition = ((mechanism, steps),)
        deltas = odometer.deltas_at(composition, EPSILONS, INTERVAL)
        return cls(np.array(EPSILONS), deltas)

    def allowed(self, false: Floats) -> Floats:
        """The largest share of runs with the unit that may be told from those without, at each
        share of false alarms: the trade-off function (Dong, Roth and Su 2019), from above."""
        epsilons, deltas = self.epsilons[:, None], self.deltas[:, None]
        one = np.exp(epsilons) * false + deltas
        other = 1 - np.exp(-epsilons) * (1 - false - deltas)
        return np.minimum(np.minimum(one, other).min(0), 1.0)

    def contradiction(self, found: float, false: float) -> tuple[float, float, float]:
        """Where the claim is refuted most, or comes nearest to it.

        Args:
            found: No smaller share of runs with the unit was told.
            false: No larger share of those without it was told with them.

        Returns:
            The epsilon that this shows, the epsilon that is claimed, and the delta of both.
        """
        shown = np.array([epsilon_from(found, false, float(delta)) for delta in self.deltas])
        at = int(np.argmax(shown - self.epsilons))
        return max(float(shown[at]), 0.0), float(self.epsilons[at]), float(self.deltas[at])


def epsilon_from(found: float, false: float, delta: float) -> float:
    """The least epsilon by which `found` of runs with a unit may be told at `false` alarms."""
    ways = ((found - delta, false), (1 - false - delta, 1 - found))
    return max((math.log(a / b) for a, b in ways if a > 0 and b > 0), default=-math.inf)
