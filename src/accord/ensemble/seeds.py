"""Members that differ by chance alone."""

from __future__ import annotations

from typing import Literal

from accord.ensemble.setting import Ensemble, Independent, Member, Rows, Several, seed_of
from accord.part import part


class Seeds(Several):
    """Each member on all rows, from another seed (Lakshminarayanan et al., 2017)."""

    kind: Literal["seeds"] = "seeds"


@part("ensemble", Seeds)
def seeds(spec: Seeds, rows: Rows) -> Ensemble:
    """Other new weights, order and dropout."""
    return Independent(tuple(Member(seed_of(rows.seed, n)) for n in range(spec.members)))
