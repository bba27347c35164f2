"""Members that see classes equally often, and together most rows of the frequent ones."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.ensemble.setting import Ensemble, Independent, Member, Rows, Several, seed_of, thinned
from accord.part import part


class BalancedBagging(Several):
    """Each member on all rows of the rarest class and as many, drawn anew, of every other (after
    Hido et al., 2009)."""

    kind: Literal["balanced-bagging"] = "balanced-bagging"
    members: int = Field(default=10, ge=1, le=100)
    """Models; each is trained as the recipe says, one after the other."""
    ratio: float = Field(default=1.0, ge=1)
    """Rows of a class over those of the rarest, at most; high enough, every member sees all."""
    epochs: float | None = Field(default=None, gt=0)
    """Passes of a member over its rows; by default those of `train`. Few rows want more."""

    @property
    def by_class(self) -> bool:
        return True


@part("ensemble", BalancedBagging)
def balanced_bagging(spec: BalancedBagging, rows: Rows) -> Ensemble:
    """Under-samples of frequent classes."""
    return Independent(
        tuple(
            Member(seed_of(rows.seed, n), rows=thinned(rows, spec.ratio, n), epochs=spec.epochs)
            for n in range(spec.members)
        )
    )
