"""What is new among the classes or sources of the training rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import torch

from accord.batch import PreparedSplit
from accord.errors import RecipeError
from accord.objective.cold_start import Warming
from accord.objective.robust.setting import TrainingRows
from accord.recipe.cold_start import ColdStart
from accord.recipe.newcomers import check_known, day_of


def warming(spec: ColdStart, split: PreparedSplit, rows: TrainingRows) -> Warming:
    """The weights of new classes or sources.

    Raises:
        RecipeError: A class that is said to be new is not in the data; rows have no class.
        DataError: A date cannot be read.
    """
    if spec.source is None and not rows.classes:
        raise _without_classes(split.schema["problem"])
    names = rows.classes if spec.source is None else rows.carried[spec.source]
    check_known(spec, names)
    column = "labels" if spec.source is None else f"carried:{spec.source}"
    kinds = _kinds(spec, split.table, names)
    counts, firsts = _originals(split.table, kinds), _firsts(spec, split.table, kinds)
    new = [spec.finds(name, counts[name], firsts.get(name)) for name in names]
    seen = torch.zeros(len(names), dtype=torch.int64)
    return Warming(column, torch.tensor(new), spec.boost, spec.scale, seen)


def _kinds(spec: ColdStart, table: pa.Table, names: Sequence[str]) -> list[str]:
    """The class, or source, of each row."""
    if spec.source is not None:
        return table[f"carried:{spec.source}"].to_pylist()
    labels: list[int] = table["label"].to_pylist()
    return [names[label] for label in labels]


def _originals(table: pa.Table, kinds: Sequence[str]) -> Counter[str]:
    """Rows of each kind; what was made from a row repeats its number and is not counted."""
    numbers: list[int] = table["row"].to_pylist()
    known = "asset" in table.column_names
    assets: list[str] = table["asset"].to_pylist() if known else [""] * len(numbers)
    return Counter(kind for kind, _, _ in set(zip(kinds, assets, numbers, strict=True)))


def _firsts(spec: ColdStart, table: pa.Table, kinds: Sequence[str]) -> dict[str, date]:
    """The first day of each kind that has a date."""
    firsts: dict[str, date] = {}
    if spec.by is None:
        return firsts
    column = table[f"carried:{spec.by}"]
    days = {text: day_of(text) for text in column.unique().to_pylist()}
    for kind, text in zip(kinds, column.to_pylist(), strict=True):
        day = days[text]
        if day is not None:
            firsts[kind] = min(day, firsts.get(kind, day))
    return firsts


def _without_classes(problem: str) -> RecipeError:
    return RecipeError(
        "rows without one class each have no new classes",
        code="recipe-conflict",
        path="balance.cold_start",
        got=problem,
        expected="one label a row, or a column of sources",
        fix="name a column under `source:`",
    )
