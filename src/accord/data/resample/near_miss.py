"""Frequent classes reduced to the rows nearest to rare ones."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.data.resample.table import Resampled, Table, imbalanced, neighbours, thinned
from accord.part import Spec, part


class NearMiss(Spec):
    """NearMiss (Zhang and Mani, 2003): every class is left as many rows as the rarest."""

    kind: Literal["near-miss"] = "near-miss"
    version: Literal[1, 2, 3] = 1
    """Nearest to the nearest rare rows, to the farthest, or nearest neighbours of each."""


@part("resampler", NearMiss)
def near_miss(spec: NearMiss, table: Table, seed: int) -> Resampled:
    """Adds none."""
    k = neighbours(table.labels, 3, spec.kind)
    cleaner = imbalanced("under_sampling").NearMiss(version=spec.version, n_neighbors=k)
    none = Resampled(np.ones(len(table.labels), dtype=bool), table.values[:0], table.labels[:0])
    return thinned(none, table, cleaner)
