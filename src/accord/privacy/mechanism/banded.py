"""Banded matrix factorisation: noise that later steps take back, for when chance hides nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.accounting.mechanism import Sampling
from accord.part import Spec, part
from accord.privacy.mechanism.steps import Figures, Steps

if TYPE_CHECKING:
    from accord.batch.order import Order
    from accord.privacy.members import Members


class BandedSpec(Spec):
    """Each unit takes part once in an epoch, at one place, and the noise of a step is partly taken
    back by the next (DP-FTRL by banded matrix factorisation, Choquette-Choo et al., 2023). Nothing
    is gained from sampling: for when it cannot be had, and for few, large steps."""

    kind: Literal["banded"] = "banded"
    bands: int = Field(8, ge=1)
    """Steps over which noise is taken back, at most those of an epoch. Memory of the size of the
    trained weights for each. 1: noise of its own for every step."""
    momentum: float = Field(0.9, ge=0, lt=1)
    """Of the optimizer: the noise is made for the weights that it comes to."""


@dataclass(frozen=True, slots=True)
class Banded:
    """An epoch of `each` steps, in which every unit takes part once, each time at the same place.

    The steps release `C G + sigma Z` with G the sums of cut gradients and C banded, lower
    triangular and Toeplitz, whose columns have length 1. Two parts of a unit are at least as far
    from each other as C has bands: no row of C meets both, so that k parts move `C G` by at most
    sqrt(k) norms (Choquette-Choo et al., 2023). That costs what k Gaussian mechanisms of sigma do,
    also where gradients follow from earlier steps (Denisov et al., 2022).
    """

    units: int
    each: int
    steps: int
    bands: int
    momentum: float
    sampling: Sampling = "none"
    version: str = "accord banded gaussian 1"

    @property
    def probability(self) -> float:
        return 1 / self.each

    def column(self) -> Sequence[float]:
        from accord.privacy.factorise import banded_column

        return banded_column(self.bands, self.steps, self.momentum)

    def order(self, members: Members) -> Order:
        from accord.privacy.cyclic import Cyclic

        return Cyclic(members, self.each, self.units)


@part("mechanism", BandedSpec)
def banded(spec: BandedSpec, run: Figures) -> Steps:
    """Take noise back over the steps of an epoch at most."""
    each = max(1, -(-run.units // run.batch_size))
    bands = min(spec.bands, each, run.steps)
    return Banded(run.units, each, run.steps, bands, spec.momentum)
