"""What the steps did with how many rows: removed, changed, added, by step and reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Counts = Counter[tuple[str, str]]


@dataclass(slots=True)
class Account:
    """Counts rows by (step, reason); never holds what they say."""

    removed: Counts = field(default_factory=Counter[tuple[str, str]])
    changed: Counts = field(default_factory=Counter[tuple[str, str]])
    added: Counts = field(default_factory=Counter[tuple[str, str]])
    aside: list[str] = field(default_factory=list[str])
    """Rows put into quarantine, as JSON."""

    told: dict[str, Any] = field(default_factory=dict[str, Any])
    """Further entries of `accounting.json`, by the step that tells them; no words of any row."""

    def merge(self, other: Account) -> None:
        """Take in what was counted elsewhere, of later rows."""
        self.removed += other.removed
        self.changed += other.changed
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
