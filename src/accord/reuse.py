"""What a run directory holds already of what a recipe would make. Loads no tensor library."""

from __future__ import annotations

from pathlib import Path

from accord.artifact import Artifact, Store, open_artifact
from accord.errors import IntegrityError
from accord.permit import Permit
from accord.recipe.tree import Recipe
from accord.run import FLOW


def planned(
    recipe: Recipe, permit: Permit, base: Path, output: Path | None
) -> tuple[tuple[str, str], ...]:
    """Each stage, and whether its artifact is there already: `reuse` or `run`."""
    made: dict[str, Artifact] = {}
    stages: list[tuple[str, str]] = []
    for step in FLOW:
        found = None
        if output is not None and all(kind in made for kind in step.needs):
            parents = [made[kind] for kind in step.needs]
            identity = step.identity(recipe, base, parents)
            if step.kind == "permit":
                identity = permit.identity(identity)
            found = _finished(Store(output / "artifacts"), step.kind, identity)
        if found is not None:
            made[step.kind] = found
        stages.append((step.kind, "run" if found is None else "reuse"))
    return tuple(stages)


def _finished(store: Store, kind: str, identity: str) -> Artifact | None:
    try:
        artifact = open_artifact(store.location(kind, identity))
    except IntegrityError:
        return None
    return artifact if artifact.manifest.identity == identity else None
