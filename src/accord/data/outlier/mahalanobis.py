"""Rows far from the middle of all, as the columns go together."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.outlier.found import Found, Values, filled
from accord.part import Spec, part


class Mahalanobis(Spec):
    """A squared Mahalanobis distance above the `quantile` of chi-squared."""

    kind: Literal["mahalanobis"] = "mahalanobis"
    quantile: float = Field(default=0.999, gt=0, lt=1)
    """Of the distances that normal rows would have; all beyond is outlying."""
    robust: bool = True
    """Middle and covariance by the minimum covariance determinant (Rousseeuw and Van Driessen,
    1999), which outliers cannot move; else of all rows."""


@part("outlier", Mahalanobis)
def mahalanobis(spec: Mahalanobis, values: Values, seed: int) -> Found:
    """By distance in units of the covariance; directions in which rows do not vary count for
    nothing."""
    import warnings

    from scipy.stats import chi2
    from sklearn.covariance import EmpiricalCovariance, MinCovDet

    whole = filled(values)
    directions = _varying(whole)
    if not directions.shape[1]:
        return Found(np.zeros(len(values), dtype=bool))
    turned = (whole - whole.mean(axis=0)) @ directions
    enough = spec.robust and len(turned) > 2 * turned.shape[1]
    model = MinCovDet(random_state=seed) if enough else EmpiricalCovariance()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a determinant that grows by rounding
        distances = np.asarray(model.fit(turned).mahalanobis(turned))
    return Found(distances > chi2.ppf(spec.quantile, turned.shape[1]))


def _varying(whole: Values) -> Values:
    """Principal directions in which rows vary, scaled to variance 1. Shape [d, at most d]."""
    scale = whole.std(axis=0)
    centred = (whole - whole.mean(axis=0)) / np.where(scale > 0, scale, 1)
    _, sizes, turned = np.linalg.svd(centred, full_matrices=False)
    kept = sizes > 1e-6 * max(float(sizes.max(initial=0)), 1e-12)
    deviations = sizes[kept] / max(len(whole), 1) ** 0.5
    return (turned[kept] / np.where(scale > 0, scale, 1)).T / deviations
