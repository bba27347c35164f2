"""A recipe as it would be under a patch, to be estimated."""

from __future__ import annotations

from typing import Any

from accord.recipe.tree import Recipe


def with_machine(recipe: Recipe, patch: dict[str, Any]) -> Recipe:
    """The recipe with the machine and the model of a patch, for an estimate."""
    found = recipe
    if "machine" in patch:
        found = found.model_copy(
            update={"machine": found.machine.model_copy(update=patch["machine"])}
        )
    if "model" in patch:
        model = type(found.model).model_validate(
            {**found.model.model_dump(exclude_unset=True), **patch["model"]}
        )
        found = found.model_copy(update={"model": model})
    return found
