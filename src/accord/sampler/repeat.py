"""Repeat factor sampling: rows come again by how rare the rarest thing in them is."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec, apportioned


class Repeat(SamplerSpec):
    """Rows that hold a class which less than `threshold` of all rows hold come `sqrt(threshold /
    share)` times; epochs grow (repeat factor sampling, Gupta et al., 2019, arXiv:1908.03195)."""

    kind: Literal["repeat"] = "repeat"
    threshold: float = Field(default=0.1, gt=0, le=1)
    """Share of the rows under which a class is rare; the paper takes 0.001 of 1203 classes."""


@part("sampler", Repeat)
def repeat(spec: Repeat, kinds: Kinds) -> Counts:
    """As many draws of a kind as the paper's factors sum to, in expectation there, exactly here."""
    held = kinds.counts if kinds.held is None else kinds.held
    share = np.maximum(held, 1) / kinds.counts.sum()
    wanted = kinds.counts * np.maximum(1.0, np.sqrt(spec.threshold / share))
    return apportioned(wanted, round(float(wanted.sum())))
