"""What the steps did with how many rows: removed, changed, added, by step and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = Counter[tuple[str, str]]


@dataclass(slots=True)
class Account:
    """Counts rows by (step, reason); never holds what they say."""

    removed: Counts = field(default_factory=Counter[tuple[str, str]])
    changed: Counts = field(default_factory=Counter[tuple[str, str]])
    added: Counts = field(default_factory=Counter[tuple[str, str]])
    touched: Counter[str] = field(default_factory=Counter[str])
    """Rows changed by each step that has several reasons, where one row may have more than one."""

    aside: list[str] = field(default_factory=list[str])
    """Rows put into quarantine, as JSON."""

    told: dict[str, Any] = field(default_factory=dict[str, Any])
    """Further entries of `accounting.json`, by the step that tells them; no words of any row."""

    def change(self, step: str, rows: Mapping[str, npt.NDArray[np.bool_]]) -> None:
        """Count rows that a step changed.

        Args:
            rows: By reason: which of the rows. A row may have several.
        """
        for reason, chosen in rows.items():
            self.changed[step, reason] += int(chosen.sum())
        if rows:
            self.touched[step] += int(np.any(list(rows.values()), axis=0).sum())

    def merge(self, other: Account) -> None:
        """Take in what was counted elsewhere, of later rows."""
        self.removed += other.removed
        self.changed += other.changed
        self.touched += other.touched
        self.added += other.added
        self.aside += other.aside
        self.told |= other.told

    def entries(self, counts: Counts) -> list[dict[str, Any]]:
        """Entries for `accounting.json`, in order of the steps."""
        return [
            {"step": step, "reason": reason, "rows": rows}
            for (step, reason), rows in counts.items()
            if rows
        ]
