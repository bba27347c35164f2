"""A recipe back into YAML: every field with its value, readable by `load_recipe`."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from accord.recipe.combinations import VALIDATED, idle_fields
from accord.recipe.extends import IDS, PATHS
from accord.recipe.section import Section
from accord.recipe.source import Node
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def to_yaml(recipe: Recipe, base: Path, source: Node | None = None) -> str:
    """The resolved recipe. Relative paths become absolute, so that it works from anywhere;
    credentials in URLs are left out, and what came from the environment stands as `${VAR}`.

    Args:
        recipe: A checked recipe.
        base: Folder that its relative paths start from.
        source: The tree it was read from; None for a recipe built in Python.
    """
    from ruamel.yaml import YAML

    sections = recipe.model_dump(mode="json")
    for section in recipe.__class__.model_fields:
        if section != "task":
            sections[section] = _telling(recipe, section, sections[section])
    for section, names in PATHS.items():
        for name in names:
            if name in sections.get(section, {}):
                value = _absolute(sections[section][name], base, may_be_id=name in IDS)
                sections[section][name] = value
    key = (sections["data"].get("vault") or {}).get("key", {})
    if key.get("kind") == "file":
        key["path"] = _absolute(str(Path(key["path"]).expanduser()), base, may_be_id=False)
    variables = _Variables(base)
    sections = _literal(sections)
    sections = sections if source is None else variables.put(sections, _keyed(source, base))
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump({name: value for name, value in sections.items() if value}, stream)
    text = variables.written(stream.getvalue())
    return f"# Resolved by Accord from a recipe in {base.resolve()}\n{text}"


class _Variables:
    """What came from the environment: a mark in its place while YAML is written, then the text
    as the user wrote it, quoted or not: `seed: ${SEED}` is a number, `text: "${NAME}"` is text."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._texts: list[str] = []
        self._mark = f"variable-{secrets.token_hex(8)}-"

    def put(self, values: Any, node: Node) -> Any:
        """The values with marks; fields that `values` leaves out are passed over."""
        if node.secret:
            self._texts.append(self._text(node, values))
            return f"{self._mark}{len(self._texts) - 1}"
        if isinstance(node.value, dict) and isinstance(values, dict):
            fields: Mapping[str, Any] = values
            return {
                name: self.put(value, node.value[name]) if name in node.value else value
                for name, value in fields.items()
            }
        if isinstance(node.value, tuple) and isinstance(values, list):
            return [self.put(v, n) for v, n in zip(values, node.value, strict=True)]
        return values

    def written(self, text: str) -> str:
        """The YAML text with the variables in place of their marks."""
        return re.sub(rf"{self._mark}(\d+)", lambda found: self._texts[int(found[1])], text)

    def _text(self, node: Node, value: Any) -> str:
        given = str(node.value)
        moved = isinstance(value, str) and value != _literal(node.value)
        if moved and "://" not in given and not Path(given).is_absolute():
            way = _escaped(str(self._base.resolve()))
            return json.dumps(f"{way}/{node.written}", ensure_ascii=False)
        return json.dumps(node.written, ensure_ascii=False) if node.quoted else node.written


def _literal(value: Any) -> Any:
    """The values as they must be written to be read as themselves, without credentials."""
    if isinstance(value, dict):
        fields: Mapping[str, Any] = value
        return {name: _literal(inner) for name, inner in fields.items()}
    if isinstance(value, list):
        items: list[Any] = value
        return [_literal(item) for item in items]
    return _CREDENTIALS.sub("***@", _escaped(value)) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return text.replace("${", "$${")


def _absolute(value: Any, base: Path, *, may_be_id: bool) -> Any:
    if isinstance(value, list):
        return [_absolute(item, base, may_be_id=may_be_id) for item in value]
    if isinstance(value, dict) and not may_be_id:
        pairs: Mapping[str, Any] = value
        return {
            _absolute(name, base, may_be_id=False): _absolute(inner, base, may_be_id=False)
            for name, inner in pairs.items()
        }
    if not isinstance(value, str) or value == "own" or "://" in value:
        return value
    path = base / value
    if may_be_id and not path.exists():
        return value
    return str(path.resolve()) if not _is_glob(value) else str(base.resolve() / value)


def _keyed(source: Node, base: Path) -> Node:
    """The tree with the sources that `data.agreement` maps named as they are written."""
    data = source.child("data")
    mapped = data.child("agreement") if data is not None else None
    if data is None or mapped is None or not isinstance(mapped.value, dict):
        return source
    named = {_absolute(n, base, may_be_id=False): node for n, node in mapped.value.items()}
    return _with(source, "data", _with(data, "agreement", replace(mapped, value=named)))


def _with(node: Node, name: str, inner: Node) -> Node:
    assert isinstance(node.value, dict)
    return replace(node, value={**node.value, name: inner})


def _is_glob(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _telling(recipe: Recipe, section: str, values: dict[str, Any]) -> dict[str, Any]:
    """The fields of a section, without empty defaults and those that mean nothing to the task."""
    holder: Section | None = getattr(recipe, section)
    if holder is None:
        return {}
    idle = idle_fields(TASKS[recipe.task]) if section == "data" else frozenset[str]()
    if recipe.data.validation == 0:
        idle |= {path.partition(".")[2] for path in VALIDATED if path.startswith(f"{section}.")}
    kept: dict[str, Any] = {}
    for name, field in type(holder).model_fields.items():
        default = getattr(holder, name) == field.default
        if not (default and (field.default in (None, ()) or name in idle)):
            kept[name] = values[name]
    return kept


__all__ = ["to_yaml"]
