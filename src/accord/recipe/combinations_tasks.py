"""What has no meaning together: side tasks, and data of their own."""

from __future__ import annotations

from accord.recipe.combination import Rule, given
from accord.recipe.side_task import SideData
from accord.recipe.task import Task
from accord.recipe.tree import Recipe


def _own(recipe: Recipe) -> tuple[SideData, ...]:
    """Data of side tasks' own."""
    return tuple(task.data for task in recipe.train.tasks if task.data is not None)


def _read(recipe: Recipe) -> set[str]:
    """Columns that the model reads."""
    data = recipe.data
    single = (data.text, data.text_pair, data.image)
    return {*(name for name in single if name), *data.numeric, *data.categorical}


def _unread(recipe: Recipe, task: Task) -> bool:
    return any(not set(own.columns) <= _read(recipe) for own in _own(recipe))


def _two_agreements(recipe: Recipe, task: Task) -> bool:
    given = {(source, own.agreement) for own in _own(recipe) for source in own.sources}
    return len(given) > len({source for source, _ in given})


TASKS_BESIDE = (
    Rule(
        ("train.tasks", "task"),
        lambda r, t: (
            given(r, "train.tasks")
            and not {"single-label", "multi-label", "regression"} & set(t.problems)
        ),
        "`train.tasks` has no meaning for this task",
        "a side task has one answer a row; here a row is many tokens, or a document",
        "remove it",
    ),
    Rule(
        ("train.tasks", "train.ensemble"),
        lambda r, t: given(r, "train.tasks") and given(r, "train.ensemble"),
        "`train.tasks` and `train.ensemble` exclude each other",
        "members vote on the task itself; nobody would vote on the others",
        "keep one of them",
    ),
    Rule(
        ("train.tasks", "data.label"),
        lambda r, t: bool(
            {task.label for task in r.train.tasks if task.data is None}
            & {*((r.data.label,) if isinstance(r.data.label, str) else r.data.label or ())}
        ),
        "a side task asks what the task itself asks",
        "its answer is the label",
        "name another column",
    ),
    Rule(
        ("train.tasks",),
        lambda r, t: len({task.called for task in r.train.tasks}) < len(r.train.tasks),
        "two side tasks have the same column",
        "their metrics could not be told apart",
        "keep one of them, or give one a `name`",
    ),
    Rule(
        ("train.tasks", "data"),
        lambda r, t: bool(
            {task.label for task in r.train.tasks if task.data is None}
            & {r.data.text, r.data.text_pair, *r.data.numeric, *r.data.categorical}
        ),
        "a side task asks for what the model reads",
        "it would copy its input",
        "name another column, or take it out of the inputs",
    ),
    Rule(
        ("train.tasks", "data"),
        _unread,
        "`columns` of a side task names a column that the model does not read",
        "it says what the columns under `data` are called in the side task's data",
        "write `columns: {NAME UNDER data: NAME THERE}`",
    ),
    Rule(
        ("train.tasks",),
        _two_agreements,
        "two side tasks take the same data under two agreements",
        "one of them would not be asked",
        "name the same agreement",
    ),
    *(
        Rule(
            ("train.tasks", path),
            lambda r, t, path=path: bool(_own(r)) and given(r, path),
            f"`{path}` and a side task with data of its own exclude each other",
            why,
            f"remove `{path}`, or train on those data first and name that run as the base",
        )
        for path, why in (
            ("train.robust", "it compares losses of rows, and theirs are of another question"),
            ("protect.anonymity", "it looks at all rows together, and theirs are other people"),
        )
    ),
)
"""Rules over `train.tasks`."""
