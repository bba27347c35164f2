"""Small helpers of the examples: a fixed subsample, a CSV file."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def sample(rows: Sequence[T], count: int | None) -> list[T]:
    """`count` rows in their order, the same ones each time; all of them without a count."""
    if count is None or count >= len(rows):
        return list(rows)
    chosen = sorted(random.Random(0).sample(range(len(rows)), count))
    return [rows[i] for i in chosen]


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A UTF-8 CSV file with LF line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
