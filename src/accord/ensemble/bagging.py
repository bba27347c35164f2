"""Members on resampled rows."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.ensemble.setting import Ensemble, Ids, Independent, Member, Rows, Several, seed_of
from accord.part import part


class Bagging(Several):
    """Each member on rows drawn by chance, with replacement (Breiman, 1996)."""

    kind: Literal["bagging"] = "bagging"
    share: float = Field(default=1.0, gt=0, le=1)
    """Rows drawn for a member, of all."""
    replacement: bool = True
    """Whether a row may be drawn several times; without, a share of 1 is every row once."""


@part("ensemble", Bagging)
def bagging(spec: Bagging, rows: Rows) -> Ensemble:
    """Bootstrap samples, or sub-samples."""
    drawn = (_drawn(spec, rows, number) for number in range(spec.members))
    return Independent(
        tuple(Member(seed_of(rows.seed, n), rows=own) for n, own in enumerate(drawn))
    )


def _drawn(spec: Bagging, rows: Rows, number: int) -> Ids | None:
    size = max(1, round(spec.share * rows.count))
    if not spec.replacement and size == rows.count:
        return None
    chance = np.random.default_rng((rows.seed, number, 0))
    return np.sort(chance.choice(rows.count, size, replace=spec.replacement)).astype(np.int64)
