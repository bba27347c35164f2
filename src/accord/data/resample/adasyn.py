"""More new rows where a rare class is harder to learn."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from accord.data.resample.table import Resampled, Table, grown, imbalanced, lacking, neighbours
from accord.part import Spec, part


class Adasyn(Spec):
    """SMOTE with as many rows from each as it has neighbours of other classes (He et al., 2008);
    numbers only, counts are near the target."""

    kind: Literal["adasyn"] = "adasyn"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Rows of each class over those of the most frequent, about."""
    neighbours: int = Field(default=5, ge=1)


@part("resampler", Adasyn)
def adasyn(spec: Adasyn, table: Table, seed: int) -> Resampled:
    """None where classes do not touch: then there is nothing that is harder."""
    k = neighbours(table.labels, spec.neighbours, spec.kind)
    sampler = imbalanced("over_sampling").ADASYN(
        sampling_strategy=lacking(table.labels, spec.ratio), n_neighbors=k, random_state=seed
    )
    try:
        return grown(table, sampler.fit_resample)
    except (ValueError, RuntimeError) as error:
        if "No samples will be generated" not in str(error) and "Not any neigbours" not in str(
            error
        ):
            raise
        kept = np.ones(len(table.labels), dtype=bool)
        return Resampled(kept, table.values[:0], table.labels[:0])
