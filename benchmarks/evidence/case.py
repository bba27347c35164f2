"""What a case is: data with a problem, a recipe, and the remedies that are put to the proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """A problem that real data have, and what is done against it.

    Args:
        name: Of its page and its results; letters, digits and dashes.
        title: Of its page.
        data: A sentence or two: what the rows are, what was done to them, what is tested on.
        make: Writes `train` and `test` (`.csv`, `.jsonl` or folders) of a seed into a folder.
        recipe: Without `data.train` and `data.test`. Paths are seen from the project's root.
        remedies: Parts of a recipe, by the name of the row in the table.
        metric: That the verdict is about.
        also: Shown beside it.
        seeds: Pairs of runs.
        disjoint: Whether seeds share no row, so that intervals need no correction for it.
        apart: Whether seeds learn from rows that no other learns from, and are judged on the same.
        notes: Sentences below the table.
    """

    name: str
    title: str
    data: str
    make: Callable[[Path, int], None]
    recipe: Mapping[str, Any]
    remedies: Mapping[str, Mapping[str, Any]]
    metric: str
    also: tuple[str, ...] = ()
    seeds: int = 5
    disjoint: bool = False
    apart: bool = False
    notes: tuple[str, ...] = field(default=())
