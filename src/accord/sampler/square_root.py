"""Between the frequencies as they are and equal ones."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec, apportioned


class SquareRoot(SamplerSpec):
    """Draws in proportion to the square root of a kind's rows (Mahajan et al., 2018)."""

    kind: Literal["square-root"] = "square-root"


@part("sampler", SquareRoot)
def square_root(spec: SquareRoot, kinds: Kinds) -> Counts:
    """Shares by square roots, in an epoch of as many rows as there are."""
    return apportioned(np.sqrt(kinds.counts), int(kinds.counts.sum()))
