"""What pydantic found wrong, as errors with a place, the value, and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from accord.errors import AccordError, Location, RecipeError
from accord.part import parts
from accord.recipe.names import (
    all_fields,
    fields_at,
    nearest,
    part_fields,
    section_in,
    suggest,
)
from accord.recipe.source import Node
from accord.recipe.tree import Recipe

_KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "tuple": "a list",
    "list": "a list",
    "dict": "a mapping",
    "model": "a mapping of fields",
}
_BOUNDS: Mapping[str, tuple[str, str]] = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "of at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "of at most"),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an error is: the recipe path, the node there (or None), and part kinds on the way."""

    path: tuple[str, ...]
    node: Node | None
    parent: Node
    kind: str | None = None


def explain(error: ValidationError, tree: Node) -> list[AccordError]:
    """One error for each wrong field, in the order of the file.

    Args:
        error: From validating `tree.plain()` as a `Recipe`.
        tree: The nodes that were validated.
    """
    found: dict[tuple[str, ...], list[tuple[_Place, ErrorDetails]]] = {}
    for detail in error.errors(include_url=False):
        place = _place(tree, detail)
        found.setdefault(place.path, []).append((place, detail))
    explained = [_explain(group) for group in found.values()]
    return sorted(explained, key=lambda problem: _order(problem.location))


def _place(tree: Node, detail: ErrorDetails) -> _Place:
    """Follow pydantic's `loc`, which also names branches of unions, along the nodes."""
    steps, node, parent, kind = list(detail["loc"]), tree, tree, None
    path: list[str] = []
    for step in steps:
        child = node.child(step)
        if child is None:
            kind = str(step)
            continue
        parent, node, kind = node, child, None
        path.append(str(step))
    if detail["type"] == "missing":
        return _Place((*path, str(steps[-1])), None, node)
    if detail["type"] == "extra_forbidden":
        kind = str(steps[-2]) if len(steps) > 1 and str(steps[-2]) not in path else None
    return _Place(tuple(path), node, parent, kind)


def _explain(group: Sequence[tuple[_Place, ErrorDetails]]) -> RecipeError:
    place, detail = group[0]
    if detail["type"] == "extra_forbidden":
        return _unknown_key(place)
    if detail["type"] == "missing":
        return _missing(place)
    if detail["type"].startswith("union_tag"):
        return _unknown_part(place, detail)
    return _bad_value(group)


def _unknown_key(place: _Place) -> RecipeError:
    section, key = place.path[:-1], place.path[-1]
    slot = slot_at(section)
    valid = part_fields(slot, place.kind) if slot and place.kind else fields_at(section)
    inside = f"`{'.'.join(section)}`" if section else "a recipe"
    what = f"{place.kind} takes no `{key}`" if slot else f"there is no `{key}` in {inside}"
    return RecipeError(
        what,
        code="recipe-unknown-key",
        path=".".join(place.path),
        location=place.node.key if place.node else None,
        got=_shown(place.node),
        expected=f"one of {', '.join(valid)}",
        fix=suggest(section, key, valid),
    )


def _missing(place: _Place) -> RecipeError:
    name, section = place.path[-1], ".".join(place.path[:-1])
    return RecipeError(
        f"`{name}` is missing in {f'`{section}:`' if section else 'the recipe'}",
        code="recipe-missing-key",
        path=".".join(place.path),
        location=place.parent.key or place.parent.location,
        expected=describe_field(place.path),
        fix=f"add `{name}:`" + (f" under `{section}:`" if section else ""),
    )


def _unknown_part(place: _Place, detail: ErrorDetails) -> RecipeError:
    path = ".".join(place.path)
    slot = slot_at(place.path) or "part"
    kinds = list(parts(slot)) if slot != "part" else []
    node = place.node
    tag = detail.get("ctx", {}).get("tag")
    given = node.child("kind") if node and isinstance(node.value, dict) else node
    if tag is None:
        fix = f"write a name, or a mapping with `kind:`, for example `{{kind: {kinds[0]}}}`"
        problem = f"`{path}` does not say which {slot} it is"
    else:
        near = nearest(str(tag), tuple(kinds))
        fix = f"did you mean `{near}`?" if near else "choose one of these, or install the plug-in"
        problem = f"there is no such {slot}"
    return RecipeError(
        problem,
        code="recipe-unknown-part",
        path=path,
        location=given.location if given else None,
        got=_shown(given),
        expected=f"one of {', '.join(kinds)}",
        fix=fix,
    )


def _bad_value(group: Sequence[tuple[_Place, ErrorDetails]]) -> RecipeError:
    place, detail = group[0]
    node = place.node
    wanted = dict.fromkeys(_expected(d) for _, d in group)
    fix = None
    choices = _choices(detail)
    if choices and node is not None and isinstance(node.value, str) and not node.secret:
        near = nearest(node.value, choices)
        fix = f"did you mean `{near}`?" if near else "choose one of these"
    problem = f"`{'.'.join(place.path)}` has a value that cannot be used"
    if detail["type"] == "value_error" and node is not None and not _holds_secret(node):
        problem = str(detail["msg"]).removeprefix("Value error, ")
    return RecipeError(
        problem,
        code="recipe-value",
        path=".".join(place.path),
        location=node.location if node else None,
        got=_shown(node),
        expected=_with_meaning(", or ".join(filter(None, wanted)), describe_field(place.path)),
        fix=fix or "write such a value",
    )


def _with_meaning(expected: str, meaning: str) -> str:
    return f"{expected} ({meaning})" if expected and meaning else expected or meaning


def _expected(detail: ErrorDetails) -> str:
    """What would have been right, in words."""
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"a number {words} {ctx[name]:g}"
    choices = _choices(detail)
    if choices:
        return f"one of {', '.join(choices)}"
    if kind == "finite_number":
        return "a finite number"
    if kind == "int_from_float":
        return "a whole number"
    return _KINDS.get(kind.partition("_")[0], "")


def _choices(detail: ErrorDetails) -> tuple[str, ...]:
    if detail["type"] != "literal_error":
        return ()
    return tuple(re.findall(r"'([^']*)'", str(detail.get("ctx", {}).get("expected", ""))))


def _shown(node: Node | None) -> object:
    """The value as it may be shown; long ones are cut."""
    if node is None:
        return None
    value = node.shown()
    if value is None:
        return "null"
    text = repr(value)
    return value if len(text) <= 200 else f"{text[:197]}..."


def _holds_secret(node: Node) -> bool:
    return any(scalar.secret for scalar in node.scalars())


def slot_at(path: tuple[str, ...]) -> str | None:
    """The slot of the part that a recipe path names, if it names one."""
    model: type[BaseModel] | None = Recipe
    slot: str | None = None
    for step in path:
        if step.isdigit():
            continue
        if model is None or step not in model.model_fields:
            return None
        field = model.model_fields[step]
        slot = _slot(field.metadata) or _slot_inside(str(field.annotation))
        model = section_in(field.annotation)
    return slot


def _slot(metadata: Sequence[Any]) -> str | None:
    return next((str(m.slot) for m in metadata if type(m).__name__ == "SpecOf"), None)


def _slot_inside(annotation: str) -> str | None:
    found = re.search(r"SpecOf\(slot='([a-z-]+)'\)", annotation)
    return found[1] if found else None


def describe_field(path: tuple[str, ...]) -> str:
    """First sentence of a field's own documentation, or an empty text."""
    model: type[BaseModel] = Recipe
    description = ""
    for step in path:
        if step.isdigit():
            continue
        field = model.model_fields.get(step)
        if field is None:
            return ""
        description = field.description or ""
        inner = section_in(field.annotation)
        if inner is not None:
            model = inner
            description = description or (inner.__doc__ or "").partition("\n")[0]
    return " ".join(description.split()).partition(". ")[0].rstrip(".")


def _order(location: Location | None) -> tuple[str, int, int]:
    if location is None:
        return ("", 0, 0)
    return (location.file, location.line or 0, location.column or 0)


def without(tree: Node, problems: Sequence[AccordError]) -> Node:
    """The tree without the fields that `problems` name, so that the rest can be checked too."""
    for problem in problems:
        if problem.path:
            tree = _drop(tree, problem.path.split("."))
    return tree


def _drop(node: Node, steps: Sequence[str]) -> Node:
    if not isinstance(node.value, dict) or steps[0] not in node.value:
        return node
    fields = dict(node.value)
    if len(steps) == 1 or not isinstance(fields[steps[0]].value, dict):
        del fields[steps[0]]
    else:
        fields[steps[0]] = _drop(fields[steps[0]], steps[1:])
    return replace(node, value=fields)


__all__ = ["all_fields", "describe_field", "explain", "slot_at", "without"]
