"""A remedy: the fields of a recipe that make the difference, from the command line or a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from accord.errors import RecipeError
from accord.part import SpecOf, parts
from accord.recipe.names import nearest
from accord.recipe.source import Node, read_yaml
from accord.recipe.tree import Recipe


def overrides_of(remedies: Sequence[str]) -> tuple[str, ...]:
    """Overrides `path.to.field=value` of remedies, in order.

    Args:
        remedies: Each an override (`balance.loss=focal`), the short form of one (`balance.focal`),
            or the path of a YAML file that holds a part of a recipe.

    Raises:
        RecipeError: There is none, a short form means nothing or several things, or a file cannot
            be read.
    """
    if not remedies:
        raise RecipeError(
            "there is nothing to prove",
            code="arguments-missing",
            path="--remedy",
            fix="name a remedy: --remedy balance.loss=focal, or a file with a part of a recipe",
        )
    return tuple(text for remedy in remedies for text in _opened(remedy))


def _opened(remedy: str) -> Iterator[str]:
    if "=" in remedy:
        yield remedy
    elif Path(remedy).suffix in (".yaml", ".yml", ".json"):
        yield from _leaves(read_yaml(Path(remedy)), ())
    else:
        yield _long(remedy)


def _leaves(node: Node, above: tuple[str, ...]) -> Iterator[str]:
    """Each value with its path; a mapping with a `kind` is one value, as parts do not mix, and so
    is an empty one: `text: {}` asks for a section as it is by default."""
    empty = above and not node.value
    if isinstance(node.value, dict) and not empty and "kind" not in node.value:
        for key, child in node.value.items():
            yield from _leaves(child, (*above, key))
    else:
        yield f"{'.'.join(above)}={json.dumps(node.plain(), ensure_ascii=False)}"


def _long(short: str) -> str:
    """`balance.focal` as `balance.loss=focal`, where one field of the section takes that part."""
    section, _, kind = short.partition(".")
    fields = list(_takers(Recipe, ()))
    meant = [
        f"{path}={kind}" for path, kinds in fields if path.startswith(section) and kind in kinds
    ]
    if len(meant) == 1:
        return meant[0]
    names = {f"{path.split('.')[0]}.{name}" for path, kinds in fields for name in kinds}
    near = nearest(short, tuple(sorted(names)))
    raise RecipeError(
        f"{short!r} " + ("may stand for several fields" if meant else "is no remedy"),
        code="remedy-unknown",
        path="--remedy",
        got=short,
        expected=" or ".join(meant) or "path.to.field=value, section.part, or a YAML file",
        fix=f"did you mean {near!r}?" if near and not meant else "write the field and its value",
    )


def _takers(section: type[BaseModel], above: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Paths of fields that take a part, and the kinds they take."""
    for name, field in section.model_fields.items():
        path = (*above, name)
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _takers(inner, path)
        for slot in _slots((*field.metadata, *_flat(inner))):
            yield ".".join(path), list(parts(slot))


def _flat(annotation: Any) -> Iterator[Any]:
    yield annotation
    for one in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
        yield from _flat(one)


def _slots(found: Sequence[Any]) -> Iterator[str]:
    return iter(dict.fromkeys(one.slot for one in found if isinstance(one, SpecOf)))
