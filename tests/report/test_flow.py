"""The bars of where the rows went say what the accounting says."""

from __future__ import annotations

import itertools
import re
from typing import Any

from accord.report.flow import flow_plot, levels


def _entry(step: str, reason: str, rows: int, split: str | None = None) -> dict[str, Any]:
    return {"step": step, "reason": reason, "rows": rows, "split": split}


DATA: dict[str, Any] = {
    "read": 100,
    "rows": {"train": 60, "validation": 10, "test": 20},
    "kept": {"train": 70, "validation": 10, "test": 19},
    "removed": [
        _entry("read", "empty-text", 4),
        _entry("protect", "phone<b>", 6),
        _entry("filter", "too-short", 10, "train"),
        _entry("encode", "nothing-left-to-learn", 1, "test"),
    ],
    "changed": [_entry("protect", "email", 30), _entry("protect", "url", 5)],
    "touched": [{"step": "protect", "rows": 32, "split": None}],
    "added": [_entry("augment", "eda", 20, "train")],
}


def test_rows_flow_from_what_was_read_to_what_is_kept() -> None:
    found = levels(DATA)
    names = [level.name for level in found]
    assert names == [
        "all rows", "bad rows", "protect", "divided", "filter", "augment", "encoding", "kept"
    ]  # fmt: skip
    for level, following in itertools.pairwise(found):
        assert sum(level.after.values()) == sum(following.before.values())
    assert found[-1].before == DATA["kept"]
    assert found[2].told == "phone<b> 6, changed: email 30, url 5"
    assert found[2].count == "−6, 32 changed", "a row with two identifiers is one row"


def test_what_is_drawn_is_safe_and_as_wide_as_the_rows() -> None:
    drawn = flow_plot(DATA)
    assert drawn is not None
    assert "phone<b>" not in drawn and "phone&lt;b&gt;" in drawn
    widest = [float(w) for w in re.findall(r'class="fill c0"[^>]* width="([0-9.]+)"', drawn)]
    assert widest[0] / widest[-1] == 60 / 70


def test_older_runs_have_no_flow() -> None:
    assert flow_plot({"read": 5, "rows": {"train": 5}, "removed": []}) is None
