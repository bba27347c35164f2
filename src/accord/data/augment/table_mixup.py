"""New rows of a table that lie between two."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Cell, Change, Modality, Need
from accord.data.augment.known import Known, Row
from accord.part import part


class TableMixup(AugmenterSpec):
    """A weighted sum of the row and another of its class (after Zhang et al., 2018).

    Where a number is learned, of any other, and the numbers are summed too. arXiv:1710.09412."""

    modality: ClassVar[Modality] = "table"
    kind: Literal["mixup"] = "mixup"
    alpha: float = Field(default=0.4, gt=0)
    """Of the beta distribution of shares: small, and nearly all of a row is one of its two."""

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"rows"})


@part("augmenter", TableMixup)
def mixup(spec: TableMixup, known: Known) -> Change:
    """Each category is that of either row, by the same share. Missing numbers stay missing."""

    def one(cell: Cell) -> Row:
        rows = known.rows[cell.label]
        other = rows[int(cell.chance.integers(len(rows)))]
        share = float(cell.chance.beta(spec.alpha, spec.alpha))
        return {n: _between(v, other[n], share, cell.chance) for n, v in cell.value.items()}

    return lambda cells: [one(cell) for cell in cells]


def _between(own: Any, other: Any, share: float, chance: np.random.Generator) -> Any:
    if isinstance(own, float) and isinstance(other, float):
        missing = math.isnan(own) or math.isnan(other)
        return own if missing else share * own + (1 - share) * other
    return own if own is None or other is None or chance.random() < share else other
