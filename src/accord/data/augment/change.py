"""What an augmenter is: cells in, changed cells out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict

from accord.part import Spec

Modality = Literal["text", "image", "table"]
Need = Literal["columns", "words", "rows"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is to be changed.

    Args:
        value: A text, the bytes of an image file, or the cells of a table's row by column.
        chance: All chance that the change may take; the cell's own.
        label: The row's class; None where it has no single one.
    """

    value: Any
    chance: np.random.Generator
    label: str | None = None


Change = Callable[[Sequence[Cell]], list[Any]]
"""Changed values of cells that are looked at together, for speed alone: what becomes of a cell
hangs on no other."""


def each(one: Callable[[Any, np.random.Generator], Any]) -> Change:
    """A change of one value after the other."""
    return lambda cells: [one(cell.value, cell.chance) for cell in cells]


class AugmenterSpec(Spec):
    """Base of augmenters. A part of slot `augmenter` is a function `(spec, known) -> Change`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    modality: ClassVar[Modality]

    @property
    def needs(self) -> frozenset[Need]:
        """What it has to know of the training rows before it changes any: spreads and values of
        the `columns`, how often `words` stand in rows of each class, the `rows` themselves."""
        return frozenset()
