"""The step of `clean.classes`: one spelling of each class, in every split."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.source import Block
from accord.recipe.class_names import ClassNames


class Naming:
    """Writes classes, labels or tags one way; rows that name no class are left out.

    Args:
        spec: The section `clean.classes`.
        label: Column of the classes.
        tags: They are tags, one a word, of which none can be taken out alone.
    """

    def __init__(self, spec: ClassNames, label: str, *, tags: bool = False) -> None:
        self.spec, self.label, self.tags = spec, label, tags
        self._none = frozenset(spec.drop)

    def __call__(self, block: Block, account: Account) -> Block:
        column = block.batch[self.label]
        before = column.to_pylist()
        after = [self._named(value) for value in before]
        keep = np.array([value is not None for value in after], dtype=bool)
        changed = [a is not None and a != b for a, b in zip(after, before, strict=True)]
        account.changed["classes", "renamed"] += sum(changed)
        account.removed["classes", "no-class"] += int((~keep).sum())
        empty: Any = [] if pa.types.is_list(column.type) else ""
        filled = pa.array([empty if value is None else value for value in after], column.type)
        place = block.batch.schema.get_field_index(self.label)
        batch = block.batch.set_column(place, self.label, filled)
        return replace(block, batch=batch).keep(keep)

    def _named(self, value: Any) -> Any:
        """The class, or classes, that are meant; None where none is."""
        if not isinstance(value, list):
            return None if value in self._none else self.spec.rename.get(value, value)
        names: list[str] = value
        kept = [self.spec.rename.get(name, name) for name in names if name not in self._none]
        lost = len(kept) < len(names)
        if lost and (self.tags or not kept):
            return None
        return kept if self.tags else list(dict.fromkeys(kept))
