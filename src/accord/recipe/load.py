"""From a file (or a mapping) to a checked `Recipe`, with every mistake reported at once."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from accord.errors import AccordError, Location, Problems, raise_all
from accord.recipe.consistency import inconsistencies
from accord.recipe.explain import explain, without
from accord.recipe.extends import read_extended
from accord.recipe.interpolate import interpolate
from accord.recipe.override import override
from accord.recipe.source import Node
from accord.recipe.tree import Recipe
from accord.recipe.write import to_yaml

SHORTEST_SECRET = 4
"""Shorter values from the environment are not looked for in errors: they are words and numbers."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recipe and where it came from.

    Args:
        recipe: The checked recipe.
        base: Folder that its relative paths start from.
        source: The merged tree with positions; `source.locate("train.epochs")`.
        path: The recipe file; None if it was built in Python.
    """

    recipe: Recipe
    base: Path
    source: Node
    path: Path | None = None

    @contextmanager
    def placing(self) -> Generator[None]:
        """Errors that leave the block name the position of the recipe field they speak of, and
        show no value that came from the environment."""
        try:
            yield
        except AccordError as error:
            for problem in error.problems if isinstance(error, Problems) else (error,):
                self._place(problem)
            raise

    def _place(self, error: AccordError) -> None:
        if error.location is None and error.path:
            error.location = self.source.locate(error.path)
        hide(error, self.source)


def hide(error: AccordError, tree: Node) -> None:
    """Put the variable's name wherever an error shows a value that came from the environment."""
    hidden = {
        str(node.value): node.written
        for node in tree.scalars()
        if node.secret and len(str(node.value)) >= SHORTEST_SECRET
    }
    for value, written in hidden.items():
        for name in ("problem", "path", "got", "expected", "why", "fix"):
            text = getattr(error, name)
            if isinstance(text, str) and value in text:
                setattr(error, name, text.replace(value, written))
        error.args = (error.problem,)


def load_recipe(
    path: str | Path,
    overrides: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Loaded:
    """Read a recipe file, what it extends, the environment and overrides.

    Args:
        path: A YAML file.
        overrides: `path.to.field=value` each, applied in order.
        env: Where `${VAR}` is looked up; the process environment by default.

    Raises:
        RecipeError: One mistake, with its place.
        Problems: Several mistakes.
    """
    path = Path(path)
    env = os.environ if env is None else env
    problems: list[AccordError] = []
    tree = read_extended(path, env, problems)
    for text in overrides:
        try:
            tree = override(tree, text)
        except AccordError as error:
            problems.append(error)
    tree = _interpolate_overrides(tree, env, problems)
    return Loaded(_validate(tree, problems), path.parent, tree, path)


def recipe_from(value: Mapping[str, Any], base: str | Path = ".") -> Loaded:
    """Check a recipe built in Python from dicts and lists; `base` is where paths start.

    Raises:
        RecipeError: One mistake.
        Problems: Several mistakes.
    """
    tree = as_node(value, Location("<python>"))
    return Loaded(_validate(tree, []), Path(base), tree)


def as_node(value: Any, location: Location) -> Node:
    """A tree of a Python value; every node has the same location."""
    if isinstance(value, Mapping):
        fields = {str(key): as_node(child, location) for key, child in value.items()}
        return Node(fields, location, key=location)
    if isinstance(value, list | tuple):
        return Node(tuple(as_node(child, location) for child in value), location, key=location)
    if isinstance(value, Path):
        value = str(value)
    return Node(value, location, key=location, written=str(value), quoted=isinstance(value, str))


def _interpolate_overrides(tree: Node, env: Mapping[str, str], problems: list[AccordError]) -> Node:
    """Fill variables in values that `--set` gave; files were filled when they were read."""
    if tree.location.file.startswith("--set"):
        return interpolate(tree, env, problems)
    if isinstance(tree.value, dict):
        fields = {k: _interpolate_overrides(n, env, problems) for k, n in tree.value.items()}
        return replace(tree, value=fields)
    if isinstance(tree.value, tuple):
        items = tuple(_interpolate_overrides(n, env, problems) for n in tree.value)
        return replace(tree, value=items)
    return tree


def _validate(tree: Node, problems: list[AccordError]) -> Recipe:
    """The recipe of a tree, or all that is wrong with it."""
    tree = _without_empty_sections(tree)
    try:
        recipe = Recipe.model_validate(tree.plain())
    except ValidationError as error:
        # What a missing variable would have been is not judged as well.
        missing = {p.location for p in problems if p.code == "recipe-variable"}
        found = [p for p in explain(error, tree) if p.location not in missing]
        problems = problems + found + _further(tree, found)
        _raise_clean(problems, tree)
        raise
    _raise_clean(problems + inconsistencies(recipe, tree), tree)
    return recipe


def _raise_clean(problems: Sequence[AccordError], tree: Node) -> None:
    for problem in problems:
        hide(problem, tree)
    raise_all(problems)


def _further(tree: Node, found: Sequence[AccordError]) -> list[AccordError]:
    """Contradictions in the sections that are right, so that one round shows everything."""
    rest = without(tree, found)
    try:
        recipe = Recipe.model_validate(rest.plain())
    except ValidationError:
        return []
    wrong = {(problem.path or "").partition(".")[0] for problem in found}
    return [
        problem
        for problem in inconsistencies(recipe, rest)
        if not wrong & {name.partition(".")[0] for name in (problem.path or "").split(" and ")}
    ]


def _without_empty_sections(tree: Node) -> Node:
    """`machine:` with nothing below it means its defaults."""
    if not isinstance(tree.value, dict):
        return tree
    return replace(tree, value={k: n for k, n in tree.value.items() if n.value is not None})


__all__ = ["Loaded", "as_node", "load_recipe", "recipe_from", "to_yaml"]
