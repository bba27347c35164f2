"""The agreement file: what one YAML file says about a data set, with every mistake located."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, get_args

from accord.errors import AccordError, RecipeError, raise_all
from accord.recipe.names import nearest
from accord.recipe.source import Node, read_yaml
from accord.terms import Act

NAMES: tuple[Act, ...] = get_args(Act)
BY_NAME: dict[str, Act] = {str(name): name for name in NAMES}


@dataclass(frozen=True, slots=True)
class Agreement:
    """What an agreement file says.

    Args:
        id: Name of the agreement; by default the file's name.
        file: Where it stands.
        license: SPDX expression, or None.
        holder: Who holds the rights.
        source: Where the data come from.
        acts: What may be done; None if the file does not say.
        until: Last day it holds.
        cite: What must be cited.
        notes: Free text.
    """

    id: str
    file: str
    license: str | None = None
    holder: str | None = None
    source: str | None = None
    acts: frozenset[Act] | None = None
    until: date | None = None
    cite: str | None = None
    notes: str | None = None


def read_agreement(path: Path) -> Agreement:
    """The agreement in a file.

    Raises:
        RecipeError: It is missing or says something that cannot be understood; all mistakes
            together, each with file, line and column.
    """
    if not path.is_file():
        raise RecipeError(
            "the agreement file is missing",
            code="agreement-missing",
            path="data.agreement",
            got=str(path),
            why="no data is opened without an agreement",
            fix=_other_file(path) or "write `agreement: own` for data you hold all rights to",
        )
    root = read_yaml(path)
    if not isinstance(root.value, dict):
        raise _mistake(root, "an agreement is a mapping", root.value, "`id: ...`, `license: ...`")
    problems: list[AccordError] = []
    found: dict[str, Any] = {}
    for name, node in root.value.items():
        try:
            found[name] = _field(name)(node)
        except RecipeError as error:
            problems.append(_unknown(name, node) if error.code == "unknown" else error)
    raise_all(problems)
    found = {name: value for name, value in found.items() if value is not None}
    return replace(Agreement(path.stem, str(path)), **found)


def _field(name: str) -> Callable[[Node], Any]:
    if name not in FIELDS:
        raise RecipeError("unknown", code="unknown")
    return FIELDS[name]


def _unknown(name: str, node: Node) -> RecipeError:
    near = nearest(name, tuple(FIELDS))
    return RecipeError(
        f"an agreement has no key {name!r}",
        code="agreement-unknown-key",
        location=node.key or node.location,
        got=name,
        expected=", ".join(FIELDS),
        why="a term that is not understood would not be kept",
        fix=f"did you mean `{near}`?" if near else "remove it, or write it under `notes:`",
    )


def _text(node: Node) -> str | None:
    if node.value is None:
        return None
    if isinstance(node.value, dict | tuple) or not node.written.strip():
        raise _mistake(node, "this must be text", node.shown(), "one line of text")
    return node.written.strip()


def _date(node: Node) -> date | None:
    text = _text(node)
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _mistake(node, "this is not a date", text, "a day as 2027-12-31") from error


def _acts(node: Node) -> frozenset[Act] | None:
    if node.value is None:
        return None
    items = node.value if isinstance(node.value, tuple) else (node,)
    problems: list[AccordError] = []
    found: set[Act] = set()
    for item in items:
        known = BY_NAME.get(item.written)
        if known is None:
            near = nearest(item.written, NAMES)
            fix = f"did you mean `{near}`?" if near else "remove it"
            expected = ", ".join(NAMES)
            problems.append(_mistake(item, "unknown act", item.shown(), expected, fix))
        else:
            found.add(known)
    raise_all(problems)
    return frozenset(found)


def _mistake(
    node: Node, problem: str, got: object, expected: str, fix: str | None = None
) -> RecipeError:
    return RecipeError(
        problem,
        code="agreement-invalid",
        location=node.location,
        got=got,
        expected=expected,
        fix=fix,
    )


def _other_file(path: Path) -> str | None:
    if not path.parent.is_dir():
        return None
    near = nearest(path.name, tuple(sorted(p.name for p in path.parent.iterdir() if p.is_file())))
    return f"did you mean `{near}`?" if near else None


FIELDS: dict[str, Callable[[Node], Any]] = {
    "id": _text,
    "license": _text,
    "holder": _text,
    "source": _text,
    "acts": _acts,
    "until": _date,
    "cite": _text,
    "notes": _text,
}
