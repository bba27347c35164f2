"""Rules across sections: what excludes what, and what a task gives no meaning to.

The support matrix in the docs is computed from these rules (`accord.recipe.support`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accord.errors import AccordError, Location, RecipeError
from accord.recipe.columns import misnamed
from accord.recipe.combination import Exclusion, Rule, given
from accord.recipe.combinations import COLUMNS, EXCLUSIONS, RULES, taken_by
from accord.recipe.declared import undeclared
from accord.recipe.names import nearest
from accord.recipe.section import Section
from accord.recipe.source import Node
from accord.recipe.task import TASKS, Task
from accord.recipe.tree import Recipe

FEW = 5
"""Of many values so many are shown."""


def inconsistencies(recipe: Recipe, tree: Node | None = None) -> list[AccordError]:
    """Everything in a recipe that contradicts its task or itself.

    Args:
        recipe: A recipe whose single values are right.
        tree: Gives positions, where the recipe came from a file.
    """
    task = TASKS[recipe.task]
    problems = [
        *_missing_columns(recipe, task),
        *_idle_columns(recipe, task),
        *(_excluded(rule) for rule in EXCLUSIONS if _both(recipe, rule)),
        *(_broken(rule, recipe) for rule in RULES if rule.broken(recipe, task)),
        *_metric(recipe, task),
        *misnamed(recipe),
        *undeclared(recipe, task),
    ]
    if tree is not None:
        for problem in problems:
            problem.location = _locate(tree, problem.path or "")
    return problems


def _locate(tree: Node, path: str) -> Location:
    places = [tree.locate(name) for name in path.split(" and ")]
    return next((place for place in places if place is not None), tree.location)


def _both(recipe: Recipe, rule: Exclusion) -> bool:
    return given(recipe, rule.first) and given(recipe, rule.second)


def _excluded(rule: Exclusion) -> RecipeError:
    return RecipeError(
        f"`{rule.first}` and `{rule.second}` exclude each other",
        code="recipe-conflict",
        path=f"{rule.first} and {rule.second}",
        why=rule.why,
        fix="keep one of the two",
    )


def _broken(rule: Rule, recipe: Recipe) -> RecipeError:
    shown = {name: _value(recipe, name) for name in rule.fields}
    return RecipeError(
        rule.problem,
        code="recipe-conflict",
        path=" and ".join(name for name in rule.fields if name != "task"),
        got=", ".join(f"{name}: {value}" for name, value in shown.items() if value is not None),
        why=rule.why,
        fix=rule.fix,
    )


def _value(recipe: Recipe, path: str) -> object:
    value: Any = recipe
    for name in path.split("."):
        value = getattr(value, name)
    # A whole section tells nothing that the problem does not.
    return None if isinstance(value, Section) or value == () else _brief(value)


def _brief(value: object) -> object:
    """A value for people: parts by their names, of many things a few."""
    if isinstance(value, tuple):
        items: list[object] = [_brief(item) for item in value[:FEW]]
        more = len(value) - FEW
        return f"[{', '.join(map(str, items))}{f', ... {more} more' if more > 0 else ''}]"
    return getattr(value, "kind", value)


def _missing_columns(recipe: Recipe, task: Task) -> list[AccordError]:
    missing = (n for n in task.needs if not any(given(recipe, f"data.{name}") for name in n))
    return [
        RecipeError(
            f"{task.name} needs {' or '.join(f'`data.{name}`' for name in names)}",
            code="recipe-column-missing",
            path=f"data.{names[0]}",
            expected="; ".join(f"{name}: {_meaning(name)}" for name in names),
            why="without it a row cannot be read",
            fix=f"add `{names[0]}:` under `data:`, naming a column of your data",
        )
        for names in missing
    ]


def _meaning(name: str) -> str:
    from accord.recipe.data import Data

    return (Data.model_fields[name].description or "").partition("\n")[0].rstrip(".")


def _idle_columns(recipe: Recipe, task: Task) -> list[AccordError]:
    taken = taken_by(task)
    idle = (n for n in COLUMNS if n not in taken and given(recipe, f"data.{n}"))
    return [
        RecipeError(
            f"`data.{name}` has no meaning for {task.name}",
            code="recipe-field-idle",
            path=f"data.{name}",
            expected=f"of the columns, this task takes {', '.join(sorted(taken))}",
            why="it would be read by nobody, and you might believe it was",
            fix="remove it, or choose the task that takes it: " + ", ".join(_tasks_with(name)),
        )
        for name in idle
    ]


def _tasks_with(name: str) -> list[str]:
    return [
        task.name
        for task in TASKS.values()
        if name in task.takes or any(name in names for names in task.needs)
    ]


METRICS: Mapping[str, tuple[str, ...]] = {
    "single-label": (
        *("loss", "accuracy", "balanced_accuracy", "precision", "recall", "f1"),
        *(
            f"{m}_{a}"
            for m in ("f1", "precision", "recall")
            for a in ("micro", "macro", "weighted")
        ),
        *("roc_auc", "pr_auc", "log_loss", "brier", "ece", "mcc"),
    ),
    "token-label": ("loss", "precision", "recall", "f1", "token_accuracy"),
    "next-token": ("loss", "perplexity", "bits_per_byte", "token_accuracy"),
    "regression": ("loss", "mae", "rmse", "r2"),
}
"""Validation metrics that early stopping may watch, by kind of problem."""


def _metric(recipe: Recipe, task: Task) -> list[AccordError]:
    stopping = recipe.train.early_stopping
    known = METRICS[task.problems[0]]
    if stopping is None or stopping.metric is None or stopping.metric in known:
        return []
    near = nearest(stopping.metric.removeprefix("eval_").removeprefix("validation_"), known)
    return [
        RecipeError(
            f"{task.name} has no metric {stopping.metric!r}",
            code="recipe-metric",
            path="train.early_stopping.metric",
            got=stopping.metric,
            expected=f"one of {', '.join(known)}",
            fix=f"did you mean `{near}`?" if near else f"the task's own is {task.metric}",
        )
    ]
