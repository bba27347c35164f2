"""`--set train.epochs=3`: single values from the command line, read as YAML."""

from __future__ import annotations

from dataclasses import replace

from accord.errors import Location, RecipeError
from accord.recipe.source import Node, parse_yaml


def override(tree: Node, text: str) -> Node:
    """The tree with one value set; intermediate mappings are made as needed.

    A part named by a word is opened: `optimizer: sgd` and `--set train.optimizer.momentum=0.9`
    give `{kind: sgd, momentum: 0.9}`. Whether the path means anything is found by validation.

    Args:
        tree: Root of a recipe.
        text: `path.to.field=value`; list items by number (`train.penalties.0.weight=0.1`).

    Raises:
        RecipeError: `text` has no `=`, an empty path, a value that is not YAML, or a list index
            that is out of range.
    """
    path, equals, value = text.partition("=")
    steps = path.strip().split(".")
    where = Location(f"--set {path.strip() or text}")
    if not equals or not all(steps):
        raise RecipeError(
            "an override must read `path.to.field=value`",
            code="override-malformed",
            location=Location("--set"),
            got=text,
            expected="for example --set train.epochs=3",
            fix="name the field with dots and give its value after `=`",
        )
    given = parse_yaml(value, where.file) if value.strip() else Node(None, where)
    return _set(tree, steps, _placed(given, where), where)


def _set(node: Node, steps: list[str], value: Node, where: Location) -> Node:
    if not steps:
        return replace(value, key=where)
    step, rest = steps[0], steps[1:]
    if isinstance(node.value, tuple):
        child = node.child(step)
        if child is None:
            raise RecipeError(
                f"the list has no item {step!r}",
                code="override-malformed",
                location=where,
                expected=f"a number below {len(node.value)}",
                fix="count from 0, or set the whole list: `--set path='[...]'`",
            )
        items = list(node.value)
        items[int(step)] = _set(child, rest, value, where)
        return replace(node, value=tuple(items))
    fields = dict(node.value) if isinstance(node.value, dict) else _opened(node)
    below = fields.get(step, Node({}, where, key=where))
    fields[step] = _set(below, rest, value, where)
    return Node(fields, node.location, key=node.key)


def _opened(node: Node) -> dict[str, Node]:
    return {"kind": node} if isinstance(node.value, str) else {}


def _placed(node: Node, where: Location) -> Node:
    """The value with every position replaced by the option that gave it."""
    if isinstance(node.value, dict):
        value = {key: _placed(child, where) for key, child in node.value.items()}
        return Node(value, where, key=where)
    if isinstance(node.value, tuple):
        return Node(tuple(_placed(child, where) for child in node.value), where, key=where)
    return replace(node, location=where, key=where)
