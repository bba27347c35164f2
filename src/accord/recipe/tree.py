"""The recipe: the frozen, typed, hashable description of what is to be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from accord.recipe.augment import Augment
from accord.recipe.balance import Balance
from accord.recipe.clean import Clean
from accord.recipe.data import Data
from accord.recipe.evaluate import Evaluate
from accord.recipe.machine import Machine
from accord.recipe.model import Model
from accord.recipe.privacy import Privacy
from accord.recipe.protect import Protect
from accord.recipe.section import Section
from accord.recipe.task import TaskName
from accord.recipe.train import Train
from accord.recipe.use import Release, Use


class Recipe(Section):
    """One file from data to release.

    `machine`, `use`, `release`, the keys under `trust`, the `engine` of the data and the place of
    their key (`vault`) stand outside the identity: they change nothing of what is made.
    """

    task: TaskName
    model: Model = Model()
    data: Data
    protect: Protect = Protect()
    clean: Clean = Clean()
    balance: Balance = Balance()
    augment: Augment = Augment()
    train: Train = Train()
    privacy: Privacy | None = None
    evaluate: Evaluate = Evaluate()
    machine: Machine = Machine()
    use: Use = Use()
    release: Release = Release()

    @model_validator(mode="before")
    @classmethod
    def _defaults_of_private_training(cls, value: Any) -> Any:
        """Private rows choose nothing: where validation is private, `keep: best` is no default. Nor
        is `clip_norm` where noise is to be taken back: what is cut cannot be."""
        privacy = value.get("privacy") if isinstance(value, Mapping) else None
        if not isinstance(privacy, Mapping):
            return value
        written: Mapping[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
        told: Mapping[str, Any] = privacy  # pyright: ignore[reportUnknownVariableType]
        train = written.get("train") or {}
        if not isinstance(train, Mapping):
            return written
        public, mechanism, defaults = told.get("public"), told.get("mechanism"), dict[str, Any]()
        if not (isinstance(public, list | tuple) and "validation" in public):
            defaults["keep"] = "last"
        kind: Any = mechanism.get("kind") if isinstance(mechanism, Mapping) else mechanism  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if kind == "banded":
            defaults["clip_norm"] = None
        return {**written, "train": {**defaults, **train}}

    def keep(self, *sections: str) -> Recipe:
        """This recipe with every other optional section at its defaults.

        A stage is given only the sections it declares, so that its identity cannot depend on
        one it does not name. What stands outside the identity is always kept.
        """
        defaults = {
            "protect": Protect(),
            "clean": Clean(),
            "balance": Balance(),
            "augment": Augment(),
            "train": Train(),
            "privacy": None,
            "evaluate": Evaluate(),
        }
        dropped = {name: value for name, value in defaults.items() if name not in sections}
        return self.model_copy(update=dropped)

    def identity(self, *sections: str) -> dict[str, object]:
        """JSON value of `task` and the named sections, as it goes into an artifact's identity."""
        outside: dict[str, Any] = {
            "data": {"trust", "engine", "vault"},
            "model": {"trust"},
            "train": {"distill": {"trust"}},
        }
        found = self.model_dump(mode="json", include={"task", *sections}, exclude=outside)
        if found.get("privacy") is None:
            found.pop("privacy", None)
        if self.data.vault is not None and "data" in sections:
            # Sealed and plain artifacts are never taken for each other.
            found["data"]["vault"] = True
        return found
