"""Rows that few random cuts set apart from all others."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, filled, highest
from accord.part import Spec, part


class IsolationForest(Spec):
    """The `share` of the rows with the shortest paths in random trees (Liu et al., 2008)."""

    kind: Literal["isolation-forest"] = "isolation-forest"
    share: float = Field(default=0.05, gt=0, lt=0.5)
    """Of the rows; these are outlying."""
    trees: int = Field(default=200, ge=1)


@part("outlier", IsolationForest)
def isolation_forest(spec: IsolationForest, values: Values, seed: int) -> Found:
    """By scikit-learn's forest."""
    from sklearn.ensemble import IsolationForest as Forest

    whole = filled(values)
    forest = Forest(n_estimators=spec.trees, random_state=seed).fit(whole)
    return Found(highest(-np.asarray(forest.score_samples(whole)), spec.share))
