"""Patches: parts of a recipe that are laid over it, alone or together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from accord.diagnose.estimate import device_of
from accord.diagnose.finding import SEVERITIES, Finding, Patch, Remedy
from accord.diagnose.machine import MachineFacts
from accord.errors import AccordError
from accord.recipe.consistency import inconsistencies
from accord.recipe.load import Loaded, recipe_from
from accord.recipe.tree import Recipe

Path = tuple[str, ...]


def leaves(patch: Patch, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The fields that a patch sets; lists, parts and empty mappings are one value."""
    for name, value in patch.items():
        if isinstance(value, dict) and value and "kind" not in value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def conflict(one: Patch, other: Patch) -> Path | None:
    """A field that two patches set differently; lists are brought together instead."""
    theirs = dict(leaves(other))
    for path, value in leaves(one):
        for their_path, their_value in theirs.items():
            if path == their_path:
                if value != their_value and not (
                    isinstance(value, list) and isinstance(their_value, list)
                ):
                    return path
            elif path[: len(their_path)] == their_path or their_path[: len(path)] == path:
                return path
    return None


def together(recipe: Mapping[str, Any], patches: Sequence[Patch]) -> dict[Path, Any]:
    """The fields that patches set together, with their values.

    Of a list each patch tells what it adds and what it takes out, compared with the recipe's.
    """
    found: dict[Path, Any] = {}
    for patch in patches:
        for path, value in leaves(patch):
            if isinstance(value, list) and isinstance(found.get(path), list):
                first = value_at(recipe, path)
                before: list[Any] = first if isinstance(first, list) else []
                found[path] = _both(before, found[path], value)
            else:
                found[path] = value
    return found


def _both(before: list[Any], one: list[Any], other: list[Any]) -> list[Any]:
    gone = [item for item in before if item not in one or item not in other]
    kept = [item for item in before if item not in gone]
    for item in (*one, *other):
        if item not in before and item not in kept:
            kept.append(item)
    return kept


def value_at(tree: Mapping[str, Any], path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    node: Any = tree
    for step in path:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def with_fields(tree: Mapping[str, Any], fields: Mapping[Path, Any]) -> dict[str, Any]:
    """A recipe, as plain values, with fields set."""
    found = dict(tree)
    for path, value in fields.items():
        found = _set(found, path, value)
    return found


def _set(node: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    fields: dict[str, Any] = dict(node) if isinstance(node, dict) else {}
    fields[path[0]] = _set(fields.get(path[0]), path[1:], value)
    return fields


def accepted(loaded: Loaded, patches: Sequence[Patch], machine: MachineFacts) -> Recipe | None:
    """The recipe with patches, if `check` would take it on this machine."""
    tree = loaded.source.plain()
    try:
        recipe = recipe_from(with_fields(tree, together(tree, patches)), loaded.base).recipe
    except AccordError:
        return None
    here = recipe.machine.model_copy(update={"device": device_of(recipe, machine)})
    return None if inconsistencies(recipe.model_copy(update={"machine": here})) else recipe


def settled(
    findings: Sequence[Finding], loaded: Loaded, machine: MachineFacts
) -> tuple[Finding, ...]:
    """Findings with one remedy each, so that all patches hold alone and together.

    What is graver chooses first.
    """
    taken: list[Patch] = []
    chosen: dict[str, Remedy | None] = {}
    for finding in sorted(findings, key=_gravity):
        chosen[finding.problem] = _choose(finding, taken, loaded, machine)
        remedy = chosen[finding.problem]
        if remedy is not None and remedy.patch is not None:
            taken.append(remedy.patch)
    return tuple(one.proposing(chosen[one.problem]) for one in findings)


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity) if finding.severity else len(SEVERITIES)


def _choose(
    finding: Finding, taken: Sequence[Patch], loaded: Loaded, machine: MachineFacts
) -> Remedy | None:
    for remedy in finding.remedies:
        patch = remedy.patch
        if patch is None:
            return remedy
        clashes = any(conflict(patch, other) for other in taken)
        alone, all_of_them = [patch], [*taken, patch]
        if not clashes and all(accepted(loaded, p, machine) for p in (alone, all_of_them)):
            return remedy
    # What it says is still worth reading; only the recipe cannot take it.
    return replace(finding.remedies[0], patch=None) if finding.remedies else None
