"""What a rule over a recipe is: two fields that exclude each other, or a broken combination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accord.recipe.task import Task
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Two fields that must not both be given, and why."""

    first: str
    second: str
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination that has no meaning.

    Args:
        fields: The fields that take part, as dotted paths; the first is where it is reported.
        broken: Whether a recipe breaks the rule.
        problem: What is wrong, a sentence.
        why: Why it matters.
        fix: What to do.
    """

    fields: tuple[str, ...]
    broken: Callable[[Recipe, Task], bool]
    problem: str
    why: str
    fix: str


def given(recipe: Recipe, path: str) -> bool:
    """Whether the user wrote the field, and not as null or empty."""
    section, _, name = path.partition(".")
    holder = getattr(recipe, section)
    return name in holder.model_fields_set and getattr(holder, name) not in (None, ())
