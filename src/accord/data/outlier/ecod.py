"""Rows in the tails of many columns, by the columns' empirical distributions."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, filled, highest
from accord.part import Spec, part


class Ecod(Spec):
    """The `share` of the rows with the least tail probabilities (Li et al., 2022,
    arXiv:2201.00382); no parameter but that."""

    kind: Literal["ecod"] = "ecod"
    share: float = Field(default=0.05, gt=0, lt=0.5)
    """Of the rows; these are outlying."""
    each: bool = False
    """The greatest tail of each column is summed, as PyOD does: for rows far out to both sides. The
    paper compares sums over all columns."""


@part("outlier", Ecod)
def ecod(spec: Ecod, values: Values, seed: int) -> Found:
    """By the greatest of three sums of negative log tail probabilities over the columns: left,
    right, and the tail that each column's skewness points to."""
    whole = filled(values)
    left, right = -np.log(_at_most(whole)), -np.log(_at_most(-whole))
    centred = whole - whole.mean(axis=0)
    skew = np.sign((centred**3).sum(axis=0))
    pointed = np.where(skew < 0, left, np.where(skew > 0, right, left + right))
    tails = np.stack([left, right, pointed])
    scores = tails.max(axis=0).sum(axis=1) if spec.each else tails.sum(axis=2).max(axis=0)
    return Found(highest(scores, spec.share))


def _at_most(whole: Values) -> Values:
    """The share of values that are no greater, column by column."""
    ranks = [np.searchsorted(np.sort(column), column, side="right") for column in whole.T]
    return np.stack(ranks, axis=1) / len(whole)
