"""Which classes, or sources, of the training rows are new, by `balance.cold_start`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.data.carried import MISSING
from accord.data.source import Block
from accord.data.survey import class_order
from accord.errors import RecipeError
from accord.recipe.cold_start import ColdStart
from accord.recipe.data import Data
from accord.recipe.newcomers import check_known, day_of

NEW = "@new"
"""Slice of the rows held out, by whether what they are of is new."""
FACT = "newcomers"
"""In schema.json and accord.json: what is new and what is known, for rows that come later."""
MOST_NAMES = 1000
"""Of sources; names of more are not written into a model."""


class Newcomers:
    """Counts and dates the training rows of each class, or source, then tells the new ones.

    Args:
        spec: What is new.
        data: Names the column of labels.
    """

    def __init__(self, spec: ColdStart, data: Data) -> None:
        self.spec = spec
        column = spec.source or data.label
        if not isinstance(column, str):
            raise _unclear()
        self.column = column
        self.new: frozenset[str] = frozenset()
        self.rows = Counter[str]()
        self._firsts: dict[str, date] = {}

    def survey(self, block: Block) -> None:
        kinds = self._kinds(block)
        # What was made from a row stands behind it and repeats its number.
        repeats = np.concatenate([[False], block.rows[1:] == block.rows[:-1]])
        self.rows.update(k for k, again in zip(kinds, repeats, strict=True) if not again)
        if self.spec.by is not None:
            for kind, text in zip(kinds, block.batch[self.spec.by].to_pylist(), strict=True):
                day = day_of(text)
                if day is not None:
                    self._firsts[kind] = min(day, self._firsts.get(kind, day))

    def settle(self) -> None:
        check_known(self.spec, sorted(self.rows, key=class_order))
        self.new = frozenset(
            kind
            for kind, rows in self.rows.items()
            if self.spec.finds(kind, rows, self._firsts.get(kind))
        )

    def among(self, block: Block) -> npt.NDArray[np.bool_]:
        """Whether each row is of a new kind. Shape [rows]."""
        return np.array([kind in self.new for kind in self._kinds(block)], dtype=bool)

    def marked(self, block: Block) -> Block:
        """A block held out with `slice:@new`: `new`, `seen`, or `unseen` of what no training row is
        of; null where the data do not say what a row is of."""
        if self.column in block.batch.schema.names:
            marks = [self._mark(kind) for kind in self._kinds(block)]
        else:
            marks = [None] * len(block.rows)
        batch = block.batch.append_column(f"slice:{NEW}", pa.array(marks, pa.string()))
        return replace(block, batch=batch)

    def facts(self, data: Data) -> dict[str, Any]:
        """What a model says of it; nothing of many sources, or of sources in sealed data."""
        if self.spec.source is not None and (data.vault or len(self.rows) > MOST_NAMES):
            return {}
        return {FACT: {"new": sorted(self.new), "known": sorted(self.rows)}}

    def _mark(self, kind: str) -> str:
        if kind in self.new:
            return "new"
        return "seen" if kind in self.rows else "unseen"

    def _kinds(self, block: Block) -> list[str]:
        found = block.batch[self.column].to_pylist()
        if any(isinstance(kind, list) for kind in found):
            raise _unclear()
        return [MISSING if kind is None else str(kind) for kind in found]


def newcomers_known(
    spec: ColdStart | None, data: Data, facts: Mapping[str, Any]
) -> Newcomers | None:
    """As the training rows of a model had them; None where it says nothing of them.

    Args:
        facts: The model's `accord.json`.
    """
    if spec is None or FACT not in facts:
        return None
    found = Newcomers(spec, data)
    found.new = frozenset(facts[FACT]["new"])
    found.rows.update(facts[FACT]["known"])
    return found


def _unclear() -> RecipeError:
    return RecipeError(
        "rows without one class each have no new classes",
        code="recipe-conflict",
        path="augment.rows",
        got="classes: new",
        expected="one label a row, or a column of sources",
        fix="name a column under `balance.cold_start.source`",
    )
