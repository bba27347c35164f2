"""SMOTE, then rows taken out that their neighbours contradict."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.data.resample.smote import Smote, smote
from accord.data.resample.table import Resampled, Table, imbalanced, thinned
from accord.part import Spec, part


class SmoteEnn(Spec):
    """SMOTE and edited nearest neighbours (Batista et al., 2004)."""

    kind: Literal["smote-enn"] = "smote-enn"
    ratio: float = Field(default=1.0, gt=0, le=1)
    """Rows of each class over those of the most frequent, before rows are taken out."""
    neighbours: int = Field(default=5, ge=1)


@part("resampler", SmoteEnn)
def smote_enn(spec: SmoteEnn, table: Table, seed: int) -> Resampled:
    """Takes out old and new rows of which any of three neighbours is of another class."""
    made = smote(Smote(ratio=spec.ratio, neighbours=spec.neighbours), table, seed)
    cleaner = imbalanced("under_sampling").EditedNearestNeighbours(sampling_strategy="all")
    return thinned(made, table, cleaner)
