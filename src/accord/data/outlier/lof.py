"""Rows that lie in a thinner place than their neighbours."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, highest, standardised
from accord.part import Spec, part


class Lof(Spec):
    """The `share` of the rows with the highest local outlier factor (Breunig et al., 2000)."""

    kind: Literal["lof"] = "lof"
    share: float = Field(default=0.05, gt=0, lt=0.5)
    """Of the rows; these are outlying."""
    neighbours: int = Field(default=20, ge=1)


@part("outlier", Lof)
def lof(spec: Lof, values: Values, seed: int) -> Found:
    """By scikit-learn's factor, on columns of equal deviation."""
    from sklearn.neighbors import LocalOutlierFactor

    if len(values) < 3:
        return Found(np.zeros(len(values), dtype=bool))
    factor = LocalOutlierFactor(n_neighbors=min(spec.neighbours, len(values) - 1))
    factor.fit(standardised(values))
    return Found(highest(-np.asarray(factor.negative_outlier_factor_), spec.share))
