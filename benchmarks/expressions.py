"""Engines of regular expressions on the texts of `protect.py`: spans of nine kinds, unchecked.

What each peer does is less than what Accord does: eleven expressions in place of seventeen kinds,
no check digits, no words before a number, and Chinese characters hide what stands beside them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

Scan = Callable[[list[str]], int]
EXPRESSIONS = (
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", r"https?://[^\s]+",
    r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b", r"\d{17}[\dXx]", r"(?:\d[ -]?){12,18}\d",
    r"\b\d{3}-\d{2}-\d{4}\b", r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b",
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b", r"\(?\d{3}\)?[ -.]?\d{3}[ -.]?\d{4}", r"1[3-9]\d{9}",
    r"(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
)  # fmt: skip


def hyperscan() -> Scan:
    """All at once, with the start of each match."""
    import hyperscan as engine

    base: Any = engine.Database()
    many = len(EXPRESSIONS)
    flags = [engine.HS_FLAG_SOM_LEFTMOST] * many
    codes = [text.encode() for text in EXPRESSIONS]
    base.compile(expressions=codes, ids=range(many), elements=many, flags=flags)

    def scan(rows: list[str]) -> int:
        seen = [0]

        def count(*_: Any) -> None:
            seen[0] += 1

        base.scan("\0".join(rows).encode(), match_event_handler=count)
        return seen[0]

    return scan


def one_by_one(module: str) -> Callable[[], Scan]:
    """An engine that takes an expression at a time: `re`, `re2`, `rregex` (that of Rust)."""

    def made() -> Scan:
        from importlib import import_module

        compiled: list[Any] = [import_module(module).compile(text) for text in EXPRESSIONS]
        return lambda rows: sum(
            bool(match.span()) for each in compiled for row in rows for match in each.finditer(row)
        )

    return made


ENGINES: Mapping[str, Callable[[], Scan]] = {
    "hyperscan": hyperscan,
    "rregex": one_by_one("rregex"),
    "re2": one_by_one("re2"),
    "re": one_by_one("re"),
}
"""By the package to install; `re2` is of `google-re2`."""


def against(name: str, ours: Callable[[], object], rows: list[str], repeats: int) -> None:
    """Both on the same texts in turn, in processor time; prints the ratio of their speeds."""
    theirs, size = ENGINES[name](), sum(len(row.encode()) for row in rows) / 1e6
    spent: list[tuple[float, float]] = []
    for _ in range(repeats):
        first = time.process_time()
        ours()
        second = time.process_time()
        theirs(rows)
        spent.append((second - first, time.process_time() - second))
    ratios = sorted(peer / own for own, peer in spent)
    rate = size / median(peer for _, peer in spent)
    print(f"{name}: {rate:.1f} MB/s; Accord is {median(ratios):.2f} times as fast "
          f"({ratios[0]:.2f} to {ratios[-1]:.2f})\n")  # fmt: skip
