"""Balanced subsets, and in each members that learn from one another's mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from accord.ensemble.setting import (
    Ensemble,
    EnsembleSpec,
    Floats,
    Member,
    Mistakes,
    Rows,
    seed_of,
    thinned,
)
from accord.part import part


class EasyEnsemble(EnsembleSpec):
    """Subsets as in `balanced-bagging`; in each, AdaBoost over so many rounds (EasyEnsemble, Liu et
    al., 2009; of several classes SAMME, Zhu et al., 2009). Members vote by probabilities."""

    kind: Literal["easy-ensemble"] = "easy-ensemble"
    subsets: int = Field(default=5, ge=1, le=50)
    """Balanced subsets of the training rows."""
    rounds: int = Field(default=2, ge=1, le=20)
    """Members of each subset; rows that earlier ones mistake count more for the next."""
    epochs: float | None = Field(default=None, gt=0)
    """Passes of a member over its rows; by default those of `train`. Few rows want more."""

    @property
    def by_class(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Boosted:
    """Members `subset * rounds + round`."""

    spec: EasyEnsemble
    rows: Rows
    looks_back: bool = True

    @property
    def size(self) -> int:
        return self.spec.subsets * self.spec.rounds

    def member(self, number: int, mistakes: Sequence[Mistakes]) -> Member:
        subset, turn = divmod(number, self.spec.rounds)
        chosen = thinned(self.rows, 1.0, subset)
        before = mistakes[number - turn : number]
        weight = _boosted(before, self.rows.classes)[0] if turn else None
        seed = seed_of(self.rows.seed, number)
        return Member(seed, rows=chosen, weight=weight, epochs=self.spec.epochs)

    def votes(self, mistakes: Sequence[Mistakes]) -> tuple[float, ...]:
        found: list[float] = []
        for start in range(0, self.size, self.spec.rounds):
            alphas = _boosted(mistakes[start : start + self.spec.rounds], self.rows.classes)[1]
            # Every subset has the same say.
            found += (alphas / alphas.sum() / self.spec.subsets).tolist()
        return tuple(found)


def _boosted(mistakes: Sequence[Mistakes], classes: int) -> tuple[Floats, Floats]:
    """Weights [rows], of mean 1, for the next member, and the votes [members] of those before.

    A network may make no mistake on its own rows, or be worse than chance: the error is kept half
    a row away from 0 and from where a vote would be negative.
    """
    weight = np.ones(len(mistakes[0]))
    votes: list[float] = []
    for wrong in mistakes:
        edge = 0.5 / len(wrong)
        error = np.clip(weight[wrong].sum() / weight.sum(), edge, 1 - 1 / classes - edge)
        votes.append(float(np.log((1 - error) / error) + np.log(classes - 1)))
        weight = weight * np.where(wrong, np.exp(votes[-1]), 1.0)
        weight = weight / weight.mean()
    return weight, np.array(votes)


@part("ensemble", EasyEnsemble)
def easy_ensemble(spec: EasyEnsemble, rows: Rows) -> Ensemble:
    """Boosting within balanced subsets."""
    return Boosted(spec, rows)
