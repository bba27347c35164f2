"""Mixing of sources by temperature, as multilingual training does."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec, apportioned


class Temperature(SamplerSpec):
    """Draws in proportion to the rows of a kind to the power of `1 / temperature` (Arivazhagan et
    al., 2019, arXiv:1907.05019)."""

    kind: Literal["temperature"] = "temperature"
    temperature: float = Field(default=5.0, ge=1)
    """1 leaves frequencies as they are; the higher, the more alike they become."""


@part("sampler", Temperature)
def temperature(spec: Temperature, kinds: Kinds) -> Counts:
    """Shares by powers, in an epoch of as many rows as there are."""
    shares = np.where(kinds.counts > 0, kinds.counts, 0.0) ** (1 / spec.temperature)
    return apportioned(shares * (kinds.counts > 0), int(kinds.counts.sum()))
