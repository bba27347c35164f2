"""What a sampler is: rows of each kind in, draws of each kind out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accord.part import Spec

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class SamplerSpec(Spec):
    """Base of samplers: over classes, or over the values of a column.

    A part of slot `sampler` is a function `(spec, kinds) -> draws`: how many rows of each kind an
    epoch draws, at least 0 and not all 0. Shape [kinds].
    """

    by: str | None = None
    """Column whose values are balanced instead of the classes; `@source` for the sources that
    `data.train` lists."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        return (self.by,) if self.by is not None else ()


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of training rows. Of rows with several labels, or tags, a row is of the kind of its
    rarest one.

    Args:
        names: Of the kinds.
        counts: Rows of each. Shape [kinds].
        held: Rows that hold each, be it their rarest or not; None for the same. Shape [kinds].
    """

    names: Sequence[str]
    counts: Counts
    held: Counts | None = None


def apportioned(shares: Floats, total: int) -> Counts:
    """Whole numbers in proportion to `shares` [kinds] that sum to `total`: largest remainders, of
    equal ones the first."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole
