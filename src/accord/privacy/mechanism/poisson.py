"""DP-SGD: chance hides who takes part in a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from accord.accounting.mechanism import Sampling
from accord.part import Spec, part
from accord.privacy.mechanism.steps import Figures, Steps

if TYPE_CHECKING:
    from accord.batch.order import Order
    from accord.privacy.members import Members


class PoissonSpec(Spec):
    """Each unit is drawn for a step by itself, which amplifies the noise; steps have noise of their
    own (DP-SGD, Abadi et al., 2016)."""

    kind: Literal["poisson"] = "poisson"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Every step sees each unit with one probability."""

    units: int
    probability: float
    each: int = 1
    sampling: Sampling = "poisson"
    version: str = "accord poisson gaussian 1"

    def column(self) -> Sequence[float]:
        return (1.0,)

    def order(self, members: Members) -> Order:
        from accord.privacy.sampling import Poisson

        return Poisson(members, self.probability, self.units)


@part("mechanism", PoissonSpec)
def poisson(spec: PoissonSpec, run: Figures) -> Steps:
    """Draw every step anew."""
    return Drawn(run.units, min(run.batch_size / run.units, 1.0))
