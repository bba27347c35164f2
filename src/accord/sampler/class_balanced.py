"""Every kind equally often."""

from __future__ import annotations

from typing import Literal

from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec, apportioned


class ClassBalanced(SamplerSpec):
    """As many draws of each kind, in an epoch of as many rows as there are."""

    kind: Literal["class-balanced"] = "class-balanced"


@part("sampler", ClassBalanced)
def class_balanced(spec: ClassBalanced, kinds: Kinds) -> Counts:
    """Equal shares."""
    return apportioned((kinds.counts > 0).astype(float), int(kinds.counts.sum()))
