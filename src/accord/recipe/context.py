"""What a stage is given besides its recipe and its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from accord.artifact import Artifact, Store
from accord.events import Log
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Context:
    """Where a stage works.

    Args:
        run: The run directory.
        base: Folder that relative paths of the recipe start from.
        store: Takes the artifact the stage makes.
        identity: The identity that artifact must be created with.
        log: The run's events.
        interrupted: True once the user asked to stop; long stages save, then raise `Interrupted`.
    """

    run: Path
    base: Path
    store: Store
    identity: str
    log: Log
    interrupted: Callable[[], bool]


Stage = Callable[[Recipe, Mapping[str, Artifact], Context], Artifact]
"""`(spec, inputs by kind, context) -> artifact`; the recipe holds only the declared sections."""

__all__ = ["Context", "Stage"]
