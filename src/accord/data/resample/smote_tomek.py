"""SMOTE, then pairs taken out that face each other across the border."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.data.resample.smote import Smote, smote
from accord.data.resample.table import Resampled, Table, imbalanced, thinned
from accord.part import Spec, part


class SmoteTomek(Spec):
    """SMOTE and the removal of Tomek links (Batista et al., 2003)."""

    kind: Literal["smote-tomek"] = "smote-tomek"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Rows of each class over those of the most frequent, before rows are taken out."""
    neighbours: int = Field(default=5, ge=1)


@part("resampler", SmoteTomek)
def smote_tomek(spec: SmoteTomek, table: Table, seed: int) -> Resampled:
    """Takes out both rows of each pair of nearest neighbours of two classes."""
    made = smote(Smote(ratio=spec.ratio, neighbours=spec.neighbours), table, seed)
    return thinned(made, table, imbalanced("under_sampling").TomekLinks(sampling_strategy="all"))
