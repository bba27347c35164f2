"""Several models for the time of one."""

from __future__ import annotations

from typing import Literal

from accord.ensemble.setting import Ensemble, Independent, Member, Rows, Several, seed_of
from accord.part import part


class Snapshot(Several):
    """One training in as many cycles as there are members: each goes through the schedule once,
    and starts from where the one before ended (Huang et al., 2017, who take `schedule: cosine`).
    All cycles together take the recipe's epochs; the optimizer starts anew in each."""

    kind: Literal["snapshot"] = "snapshot"


@part("ensemble", Snapshot)
def snapshot(spec: Snapshot, rows: Rows) -> Ensemble:
    """Warm restarts."""
    return Independent(
        tuple(
            Member(seed_of(rows.seed, n), share=1 / spec.members, goes_on=n > 0)
            for n in range(spec.members)
        )
    )
