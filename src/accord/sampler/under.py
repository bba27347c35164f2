"""Random under-sampling: of frequent kinds each epoch draws other rows."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec


class Under(SamplerSpec):
    """At most `ratio` times as many rows of a kind as of the rarest."""

    kind: Literal["under"] = "under"
    ratio: float = Field(default=1.0, ge=1)
    """Draws of each kind over those of the rarest, at most."""


@part("sampler", Under)
def under(spec: Under, kinds: Kinds) -> Counts:
    """Fewer draws of the frequent; epochs shrink."""
    rarest = kinds.counts[kinds.counts > 0].min()
    return np.minimum(kinds.counts, np.floor(spec.ratio * rarest + 1e-9).astype(np.int64))
