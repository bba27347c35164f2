"""accounting.json: where every row went. Of each split, rows - removed + added = kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from accord.data.account import Account, Counts
from accord.data.encoder import Lengths
from accord.data.leakage import Leaks
from accord.data.origins import EXAMPLES, Origins, told
from accord.data.reject import Rejects
from accord.data.split import NAMES, TRAIN, Splits
from accord.data.survey import DROPPED, Survey

Entry = dict[str, Any]
ENCODE = "encode"


@dataclass(slots=True)
class Ledger:
    """What became of the rows once they were divided.

    Args:
        divided: The split of every usable row.
        left: The same, `DROPPED` for rows that stand in two splits.
    """

    divided: Splits
    left: Splits
    accounts: tuple[Account, ...] = field(default_factory=lambda: tuple(Account() for _ in NAMES))
    """What the steps did to the rows of each split."""
    lengths: dict[int, Lengths] = field(
        default_factory=lambda: {split: Lengths() for split in range(len(NAMES))}
    )
    kept: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))

    def add(self, split: int, rows: int, lengths: Lengths) -> None:
        """Take in encoded rows."""
        self.lengths[split].merge(lengths)
        self.kept[NAMES[split]] += rows - lengths.lost

    @property
    def training(self) -> Account:
        """What was done to the training rows."""
        return self.accounts[TRAIN]

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each split as they were divided."""
        return {name: int((self.divided == i).sum()) for i, name in enumerate(NAMES)}

    def entries(self, leaks: Leaks | None, origins: Origins) -> dict[str, list[Entry]]:
        """`removed`, `changed`, `touched` and `added` of the splits."""
        removed = _leaked(self.divided, self.left, leaks, origins)
        own = tuple(zip(self.accounts, NAMES, strict=True))
        removed += [e for account, name in own for e in _entries(account.removed, name)]
        changed = [e for account, name in own for e in _entries(account.changed, name)]
        for split, lengths in self.lengths.items():
            removed += _entries({(ENCODE, "nothing-left-to-learn"): lengths.lost}, NAMES[split])
            changed += _entries({(ENCODE, "truncated"): lengths.truncated}, NAMES[split])
        return {
            "removed": removed,
            "changed": changed,
            "touched": [e for account, name in own for e in _touched(account, name)],
            "added": [e for account, name in own for e in _entries(account.added, name)],
        }


def accounting(
    survey: Survey, rejects: Rejects, read: int, ledger: Ledger, found: tuple[Leaks | None, Origins]
) -> dict[str, Any]:
    """The content of accounting.json.

    Args:
        survey: Of the usable rows.
        rejects: Bad rows, and what was done before rows were divided.
        read: All rows, as the readers counted them.
        ledger: What was done afterwards.
        found: The search for leaks, and where rows stand.
    """
    leaks, origins = found
    account, later = rejects.account, ledger.entries(leaks, origins)
    lengths = Lengths()
    for own in ledger.lengths.values():
        lengths.merge(own)
    content: dict[str, Any] = {
        "read": read,
        "rows": ledger.rows,
        "kept": ledger.kept,
        "removed": [
            *({**entry, "split": None} for entry in rejects.removed()),
            *_entries(account.removed, None),
            *later["removed"],
        ],
        "changed": [*_entries(account.changed, None), *later["changed"]],
        "touched": [*_touched(account, None), *later["touched"]],
        "added": later["added"],
        "labels": survey.balance(ledger.left),
        "tokens": lengths.summary(),
        "leakage": None,
    }
    if leaks is not None:
        action = survey.recipe.data.leakage.action
        examples = origins.named(leaks.examples)
        told_of = {"exact": leaks.exact, "near": leaks.near, "examples": examples}
        content["leakage"] = {"action": action, **told_of}
    _balanced(content)
    return content


def _entries(counts: Counts | Mapping[tuple[str, str], int], split: str | None) -> list[Entry]:
    return [
        {"step": step, "reason": reason, "rows": rows, "split": split}
        for (step, reason), rows in counts.items()
        if rows
    ]


def _touched(account: Account, split: str | None) -> list[Entry]:
    """Rows changed by each step whose reasons overlap, each row once."""
    return [
        {"step": step, "rows": rows, "split": split}
        for step, rows in account.touched.items()
        if rows
    ]


def _leaked(divided: Splits, left: Splits, leaks: Leaks | None, origins: Origins) -> list[Entry]:
    """Rows that left a split because a later one holds them, too."""
    if leaks is None:
        return []
    entries: list[Entry] = []
    for code, name in enumerate(NAMES):
        own = _entries({("leakage", "stands-in-two-splits"): _dropped(divided, left, code)}, name)
        shown = [
            told(example)
            for example in origins.named(leaks.examples)
            if example["pair"].startswith(f"{name}-")
        ]
        entries += [entry | {"examples": shown[:EXAMPLES]} for entry in own]
    return entries


def _dropped(divided: Splits, left: Splits, split: int) -> int:
    return int(np.count_nonzero((divided == split) & (left == DROPPED)))


def _balanced(content: Mapping[str, Any]) -> None:
    """Every row is accounted for, or we have lost one."""
    rows, removed, added = content["rows"], content["removed"], content["added"]
    before = _sum(removed, None)
    assert content["read"] == sum(rows.values()) + before, "a row was lost before it was divided"
    for split, count in rows.items():
        due = count - _sum(removed, split) + _sum(added, split)
        assert content["kept"][split] == due, f"a row of {split} was lost"


def _sum(entries: list[Entry], split: str | None) -> int:
    return sum(entry["rows"] for entry in entries if entry["split"] == split)
