"""A recipe back into YAML: every field with its value, readable by `load_recipe`."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from accord.recipe.consistency import idle_fields
from accord.recipe.extends import PATHS
from accord.recipe.section import Section
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def to_yaml(recipe: Recipe, base: Path) -> str:
    """The resolved recipe. Relative paths become absolute, so that it works from anywhere;
    credentials in URLs are left out.

    Args:
        recipe: A checked recipe.
        base: Folder that its relative paths start from.
    """
    from ruamel.yaml import YAML

    sections = recipe.model_dump(mode="json")
    for section in recipe.__class__.model_fields:
        if section != "task":
            sections[section] = _telling(recipe, section, sections[section])
    for section, names in PATHS.items():
        for name in names:
            if name in sections.get(section, {}):
                value = _absolute(sections[section][name], base, may_be_id=section == "model")
                sections[section][name] = value
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump({name: value for name, value in sections.items() if value}, stream)
    return f"# Resolved by Accord from a recipe in {base.resolve()}\n{stream.getvalue()}"


def _absolute(value: Any, base: Path, *, may_be_id: bool) -> Any:
    if isinstance(value, list):
        return [_absolute(item, base, may_be_id=may_be_id) for item in value]
    if not isinstance(value, str) or value == "own":
        return value
    if "://" in value:
        return _CREDENTIALS.sub("***@", value)
    path = base / value
    if may_be_id and not path.exists():
        return value
    return str(path.resolve()) if not _is_glob(value) else str(base.resolve() / value)


def _is_glob(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _telling(recipe: Recipe, section: str, values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a section, without empty defaults and those that mean nothing to the task."""
    holder: Section = getattr(recipe, section)
    idle = idle_fields(TASKS[recipe.task]) if section == "data" else frozenset[str]()
    kept: dict[str, Any] = {}
    for name, field in type(holder).model_fields.items():
        default = getattr(holder, name) == field.default
        if not (default and (field.default in (None, ()) or name in idle)):
            kept[name] = values[name]
    return kept


__all__ = ["to_yaml"]
