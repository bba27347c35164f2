"""Rows of frequent classes taken out that face a row of another class."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.data.resample.table import Resampled, Table, imbalanced, thinned
from accord.part import Spec, part


class TomekLinks(Spec):
    """Of each pair of nearest neighbours of two classes the row that is not of the rarest (Tomek,
    1976)."""

    kind: Literal["tomek-links"] = "tomek-links"


@part("resampler", TomekLinks)
def tomek_links(spec: TomekLinks, table: Table, seed: int) -> Resampled:
    """Adds none."""
    cleaner = imbalanced("under_sampling").TomekLinks(sampling_strategy="auto")
    none = Resampled(np.ones(len(table.labels), dtype=bool), table.values[:0], table.labels[:0])
    return thinned(none, table, cleaner)
