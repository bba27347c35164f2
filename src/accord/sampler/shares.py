"""Shares of an epoch as they are given."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from accord.errors import RecipeError
from accord.part import part
from accord.sampler.setting import Counts, Kinds, SamplerSpec, apportioned


class Shares(SamplerSpec):
    """Draws in given proportions, `of: [[news, 3], [tweets, 1]]`; every kind must be named."""

    kind: Literal["shares"] = "shares"
    of: tuple[tuple[str, float], ...] = Field(min_length=1)
    """Names of kinds with their shares; only how they compare matters."""

    @model_validator(mode="after")
    def _positive(self) -> Shares:
        if min(share for _, share in self.of) < 0 or sum(share for _, share in self.of) <= 0:
            raise ValueError("shares must not be negative, nor all 0")
        return self


@part("sampler", Shares)
def shares(spec: Shares, kinds: Kinds) -> Counts:
    """The given shares, in an epoch of as many rows as there are.

    Raises:
        RecipeError: A kind has no share, or a share no kind.
    """
    given = dict(spec.of)
    if set(given) != set(kinds.names):
        raise RecipeError(
            "the shares do not name what the training rows hold",
            code="sampler-shares",
            path="balance.sampler.of",
            got=", ".join(sorted(given)),
            expected=", ".join(sorted(kinds.names)),
            fix="give each a share; 0 leaves it out",
        )
    wanted = np.array([given[name] for name in kinds.names])
    return apportioned(wanted * (kinds.counts > 0), int(kinds.counts.sum()))
