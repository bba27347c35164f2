"""What an augmenter is: a cell in, a changed cell out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from accord.part import Spec

Modality = Literal["text", "image", "table"]
Change = Callable[[Any, np.random.Generator], Any]
"""A text, the bytes of an image file, or the cells of a table's row by column; the same changed by
chance. A pure function of its arguments."""


class AugmenterSpec(Spec):
    """Base of augmenters. A part of slot `augmenter` is a function `(spec, columns) -> Change`."""

    modality: ClassVar[Modality]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of a table's training rows.

    Args:
        deviations: Of each numeric column.
        values: Of each categorical column, as often as they stand there.
    """

    deviations: Mapping[str, float]
    values: Mapping[str, tuple[str | None, ...]]
