"""What is said to be new, held against the training rows: names and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from accord.errors import DataError, RecipeError
from accord.recipe.cold_start import ColdStart
from accord.recipe.names import nearest
from accord.recipe.tree import Recipe


def check_known(spec: ColdStart, names: Sequence[str]) -> None:
    """Refuse what is said to be new and is not among the training rows.

    Raises:
        RecipeError: Names it.
    """
    for name in spec.new:
        if name not in names:
            raise _unknown(name, names)


def check_classes(recipe: Recipe, labels: Sequence[str]) -> None:
    """Refuse copies of classes that no training row has.

    Raises:
        RecipeError: Names the class.
    """
    for number, rows in enumerate(recipe.augment.rows):
        named = () if isinstance(rows.classes, str) else rows.classes
        for name in named if labels else ():
            if name not in labels:
                raise _unknown(name, labels, f"augment.rows.{number}.classes")


def day_of(text: str | None) -> date | None:
    """The day of a cell of the column `by`; None of an empty one.

    Raises:
        DataError: It is no date.
    """
    if text in (None, "", "(missing)"):
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


def _unknown(name: str, names: Sequence[str], path: str = "balance.cold_start.new") -> RecipeError:
    near = nearest(name, tuple(names))
    return RecipeError(
        f"the training rows know no {name!r}",
        code="cold-start-unknown",
        path=path,
        got=name,
        expected=", ".join(names[:20]),
        why="no row is of it, and you might believe some were",
        fix=f"did you mean {near!r}?" if near else "name one of these",
    )
