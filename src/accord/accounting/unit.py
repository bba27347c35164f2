"""Whose contribution is hidden, and between which data sets nobody can tell the difference."""

from __future__ import annotations

from typing import Literal, get_args

from accord.errors import RecipeError

Unit = Literal["record", "user", "group", "source"]
"""Whose contribution is hidden."""
Relation = Literal["add-or-remove-one", "replace-one", "replace-special"]
"""Which data sets count as neighbours: a unit more or less; one in place of another; one in place
of a blank. The same noise gives different losses under each, so they are never mixed."""
UNITS: tuple[Unit, ...] = get_args(Unit)
RELATIONS: tuple[Relation, ...] = get_args(Relation)


def invalid(path: str, got: object, expected: str) -> RecipeError:
    """The error for a value that no budget can be made of."""
    return RecipeError(
        "this is not a privacy budget or plan",
        code="budget-value",
        path=path,
        got=got,
        expected=expected,
        why="a wrong figure here would make every total wrong",
        fix="correct it in the agreement or the recipe",
    )
