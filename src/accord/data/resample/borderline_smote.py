"""New rows where a rare class meets others."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.data.resample.table import Resampled, Table, grown, imbalanced, lacking, neighbours
from accord.part import Spec, part


class BorderlineSmote(Spec):
    """SMOTE from rows whose neighbours are mostly of other classes (Han et al., 2005); numbers
    only."""

    kind: Literal["borderline-smote"] = "borderline-smote"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Rows of each class over those of the most frequent, at least."""
    neighbours: int = Field(default=5, ge=1)


@part("resampler", BorderlineSmote)
def borderline_smote(spec: BorderlineSmote, table: Table, seed: int) -> Resampled:
    """Rows on the lines between a row in danger and its neighbours of the same class."""
    k = neighbours(table.labels, spec.neighbours, spec.kind)
    sampler = imbalanced("over_sampling").BorderlineSMOTE(
        sampling_strategy=lacking(table.labels, spec.ratio), k_neighbors=k, random_state=seed
    )
    return grown(table, sampler.fit_resample)
