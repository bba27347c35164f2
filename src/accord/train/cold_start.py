"""What is new among the classes or sources of the training rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import torch

from accord.batch import PreparedSplit
from accord.errors import DataError, RecipeError
from accord.objective.cold_start import Warming
from accord.objective.robust.setting import TrainingRows
from accord.recipe.cold_start import ColdStart
from accord.recipe.names import nearest


def warming(spec: ColdStart, split: PreparedSplit, rows: TrainingRows) -> Warming:
    """The weights of new classes or sources.

    Raises:
        RecipeError: A class that is said to be new is not in the data; rows have no class.
        DataError: A date cannot be read.
    """
    if spec.source is None and not rows.classes:
        raise _without_classes(split.schema["problem"])
    names = rows.classes if spec.source is None else rows.carried[spec.source]
    counts = rows.per_class if spec.source is None else rows.per_value[spec.source]
    column = "labels" if spec.source is None else f"carried:{spec.source}"
    new = torch.zeros(len(names), dtype=torch.bool)
    for name in spec.new:
        new[_position(name, names)] = True
    if spec.rows is not None:
        new |= counts <= spec.rows
    if spec.by is not None and spec.since is not None:
        new |= torch.tensor([first >= spec.since for first in _firsts(spec, split, names)])
    seen = torch.zeros(len(names), dtype=torch.int64)
    return Warming(column, new, spec.boost, spec.scale, seen)


def _firsts(spec: ColdStart, split: PreparedSplit, names: Sequence[str]) -> list[date]:
    """The first day of each kind; the first of all days for kinds without a date."""
    table = split.table
    days = {text: _day(text) for text in table[f"carried:{spec.by}"].unique().to_pylist()}
    kinds: list[str]
    if spec.source is None:
        labels: list[int] = table["label"].to_pylist()
        kinds = [names[label] for label in labels]
    else:
        kinds = table[f"carried:{spec.source}"].to_pylist()
    firsts: dict[str, date] = {}
    for kind, text in zip(kinds, table[f"carried:{spec.by}"].to_pylist(), strict=True):
        day = days[text]
        if day is not None and day < firsts.get(kind, date.max):
            firsts[kind] = day
    return [firsts.get(name, date.min) for name in names]


def _day(text: str) -> date | None:
    if text in ("", "(missing)"):
        return None
    try:
        return datetime.fromisoformat(text).date()
    except ValueError as error:
        raise DataError(
            "this is no date",
            code="cold-start-date",
            path="balance.cold_start.by",
            got=text,
            expected="ISO 8601, as 2026-11-24 or 2026-11-24T09:00:00",
            why="what is new cannot be told from what is not",
            fix="write dates so, or name the new classes under `new:`",
        ) from error


def _position(name: str, names: Sequence[str]) -> int:
    if name in names:
        return names.index(name)
    near = nearest(name, tuple(names))
    raise RecipeError(
        f"the training rows know no {name!r}",
        code="cold-start-unknown",
        path="balance.cold_start.new",
        got=name,
        expected=", ".join(names[:20]),
        why="nothing would be new, and you might believe it was",
        fix=f"did you mean {near!r}?" if near else "name one of these",
    )


def _without_classes(problem: str) -> RecipeError:
    return RecipeError(
        "rows without one class each have no new classes",
        code="recipe-conflict",
        path="balance.cold_start",
        got=problem,
        expected="one label a row, or a column of sources",
        fix="name a column under `source:`",
    )
