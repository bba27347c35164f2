"""`${VAR}` and `${VAR:-default}` from the environment; `$${` writes a literal `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from accord.errors import AccordError, RecipeError
from accord.recipe.source import Node, resolve

_PLACE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{")


def interpolate(node: Node, env: Mapping[str, str], problems: list[AccordError]) -> Node:
    """The tree with every place filled in; what is missing is added to `problems`.

    An unquoted scalar is read as YAML again, so that `epochs: ${EPOCHS}` is a number. Keys are
    left alone. Values from the environment never reach an error: they may be secrets.
    """
    if isinstance(node.value, dict):
        filled = {key: interpolate(child, env, problems) for key, child in node.value.items()}
        return replace(node, value=filled)
    if isinstance(node.value, tuple):
        return replace(node, value=tuple(interpolate(c, env, problems) for c in node.value))
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    return _fill(node, node.value, env, problems)


def _fill(node: Node, text: str, env: Mapping[str, str], problems: list[AccordError]) -> Node:
    outside = False

    def value(match: re.Match[str]) -> str:
        nonlocal outside
        if match[0] == "$${":
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            problems.append(_malformed(node))
            return match[0]
        if env.get(name) or (name in env and default is None):
            outside = True
            return env[name]
        if default is None:
            problems.append(_missing(node, name, env))
            return match[0]
        return default

    filled = _PLACE.sub(value, text)
    resolved = filled if node.quoted else resolve(filled)
    return replace(node, value=resolved, secret=outside)


def _missing(node: Node, name: str, env: Mapping[str, str]) -> RecipeError:
    near = get_close_matches(name, env, n=1, cutoff=0.8)
    hint = f"did you mean ${{{near[0]}}}? otherwise " if near else ""
    return RecipeError(
        f"the environment variable {name} is not set",
        code="recipe-variable",
        location=node.location,
        got=node.written,
        fix=f"{hint}set it, or give a default: ${{{name}:-value}}",
    )


def _malformed(node: Node) -> RecipeError:
    return RecipeError(
        "`${` does not begin a variable here",
        code="recipe-variable",
        location=node.location,
        got=node.written,
        expected="${NAME} or ${NAME:-default}",
        fix="write $${ if you mean the characters themselves",
    )
