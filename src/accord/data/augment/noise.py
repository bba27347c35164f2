"""Noise on the columns of a table."""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality, Need, each
from accord.data.augment.known import Known
from accord.part import part


class Noise(AugmenterSpec):
    """Normal noise on numbers, other values of the column for some categories."""

    modality: ClassVar[Modality] = "table"
    kind: Literal["noise"] = "noise"
    scale: float = Field(default=0.1, gt=0)
    """Of the noise, in standard deviations of the column."""
    exchange: float = Field(default=0.05, ge=0, le=1)
    """Chance that a category is drawn anew from its column."""

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"columns"})


@part("augmenter", Noise)
def noise(spec: Noise, known: Known) -> Change:
    """Missing numbers stay missing."""

    def change(row: dict[str, Any], chance: np.random.Generator) -> dict[str, Any]:
        changed = dict(row)
        for name, deviation in known.deviations.items():
            value = row[name]
            step = spec.scale * deviation * float(chance.normal())
            changed[name] = value if value is None or math.isnan(value) else value + step
        for name, values in known.values.items():
            if chance.random() < spec.exchange:
                changed[name] = values[int(chance.integers(len(values)))]
        return changed

    return each(change)
