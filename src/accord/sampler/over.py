"""Random over-sampling: rare kinds are drawn several times."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec


class Over(SamplerSpec):
    """Every row at least once, and rare kinds until they are `ratio` of the most frequent."""

    kind: Literal["over"] = "over"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Draws of each kind over those of the most frequent, at least."""


@part("sampler", Over)
def over(spec: Over, kinds: Kinds) -> Counts:
    """More draws of the rare; epochs grow."""
    least = np.ceil(spec.ratio * kinds.counts.max() - 1e-9).astype(np.int64)
    return np.where(kinds.counts > 0, np.maximum(kinds.counts, least), 0)
