"""New rows between neighbours of a rare class."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.resample.table import Resampled, Table, grown, imbalanced, lacking, neighbours
from accord.part import Spec, part


class Smote(Spec):
    """SMOTE (Chawla et al., 2002); with categories SMOTE-NC, which gives a new row the category
    most frequent among its neighbours."""

    kind: Literal["smote"] = "smote"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Rows of each class over those of the most frequent, at least."""
    neighbours: int = Field(default=5, ge=1)


@part("resampler", Smote)
def smote(spec: Smote, table: Table, seed: int) -> Resampled:
    """Rows on the lines between a row and its neighbours of the same class."""
    k = neighbours(table.labels, spec.neighbours, spec.kind)
    target = lacking(table.labels, spec.ratio)
    made = imbalanced("over_sampling")
    common = {"sampling_strategy": target, "k_neighbors": k, "random_state": seed}
    if table.categorical.all():
        return grown(table, made.SMOTEN(**common).fit_resample)
    if table.categorical.any():
        columns = np.flatnonzero(table.categorical).tolist()
        sampler = made.SMOTENC(categorical_features=columns, **common)
        return grown(table, sampler.fit_resample)
    return grown(table, made.SMOTE(**common).fit_resample)
