"""What private training has to be told of a table's columns, as it must not learn it from rows."""

from __future__ import annotations

from collections.abc import Iterator

from accord.errors import AccordError, RecipeError
from accord.recipe.names import nearest
from accord.recipe.privacy import Privacy
from accord.recipe.task import Task
from accord.recipe.tree import Recipe

FEW = 3
"""Columns that are named where all would be too many."""
INDENT = "\n" + " " * 12
"""Before each further line of a fix."""


def undeclared(recipe: Recipe, task: Task) -> list[AccordError]:
    """Columns of a private table without range or categories, and such of columns that are none."""
    privacy = recipe.privacy
    if privacy is None:
        return []
    if task.modality != "table":
        return list(_idle(privacy, task))
    data = recipe.data
    numbers = data.numeric
    if "regression" in task.problems and isinstance(data.label, str):
        numbers = (*numbers, data.label)
    found: list[AccordError] = list(_unknown("ranges", tuple(privacy.ranges), numbers))
    found += _unknown("categories", tuple(privacy.categories), data.categorical)
    open_ranges = [name for name in numbers if name not in privacy.ranges]
    open_values = [name for name in data.categorical if name not in privacy.categories]
    if open_ranges or open_values:
        found.append(_lacking(open_ranges, open_values))
    return found


def _lacking(ranges: list[str], categories: list[str]) -> RecipeError:
    lines = ["under `privacy:` add what is known without a look at these data"]
    if ranges:
        lines += ["  ranges:", *(f"    {name}: [LEAST, MOST]" for name in ranges)]
    if categories:
        lines += ["  categories:", *(f"    {name}: [VALUE, VALUE]" for name in categories)]
    return RecipeError(
        "private training has to be told what the columns of a table hold",
        code="privacy-undeclared",
        path="privacy",
        got=f"nothing on {_brief([*ranges, *categories])}",
        expected="a range for each column of numbers, the values of each of categories",
        why="means, deviations and categories of the training rows would stand in the model, "
        "without noise",
        fix=INDENT.join(lines),
    )


def _brief(names: list[str]) -> str:
    more = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" and {more} more" if more > 0 else "")


def _unknown(field: str, named: tuple[str, ...], known: tuple[str, ...]) -> Iterator[RecipeError]:
    what = "number" if field == "ranges" else "category"
    for name in named:
        if name not in known:
            near = nearest(name, known)
            yield RecipeError(
                f"`privacy.{field}` names a column that is no {what} the model reads: {name!r}",
                code="recipe-conflict",
                path=f"privacy.{field}",
                got=name,
                expected=f"one of {', '.join(known)}" if known else "none: there are no such",
                fix=f"did you mean `{near}`?" if near else "correct its name, or remove it",
            )


def _idle(privacy: Privacy, task: Task) -> Iterator[RecipeError]:
    for field in ("ranges", "categories"):
        if getattr(privacy, field):
            yield RecipeError(
                f"`privacy.{field}` has no meaning for {task.name}",
                code="recipe-field-idle",
                path=f"privacy.{field}",
                why="only tables are scaled by their columns",
                fix="remove it",
            )
