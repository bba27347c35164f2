"""Rows that are mixed while training: who is paired with whom, and the loss of the mixture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.batch.pairing import Pairing
from accord.errors import RecipeError
from accord.objective.mix.mixed import Mixed
from accord.objective.mix.mixer import Mixer, MixerSpec
from accord.objective.objective import Objective
from accord.part import find
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Mixing:
    """How rows are mixed; nothing by default.

    Args:
        pairing: Draws partners; None where nothing is mixed.
        mixer: Mixes two.
    """

    pairing: Pairing | None = None
    mixer: Mixer | None = None

    def over(self, objective: Objective) -> Objective:
        """The objective of mixed rows; the same one where nothing is mixed."""
        return objective if self.mixer is None else Mixed(objective, self.mixer)


def mixing_of(recipe: Recipe, schema: Mapping[str, Any], seed: int) -> Mixing:
    """What `augment.mix` asks for, with partners drawn by a seed.

    Raises:
        RecipeError: The rows are of a kind that the mixer does not mix.
    """
    spec = recipe.augment.mix
    if spec is None:
        return Mixing()
    assert isinstance(spec, MixerSpec)
    if schema["modality"] not in spec.modalities:
        raise RecipeError(
            f"`{spec.kind}` does not mix rows of this kind",
            code="recipe-conflict",
            path="augment.mix",
            got=schema["modality"],
            expected=" or ".join(spec.modalities),
            fix="use `mixup`, or remove it",
        )
    if spec.idle:
        return Mixing()
    mixer: Mixer = find("mixer", spec.kind)(spec, schema)
    return Mixing(Pairing(seed, spec.share, mixer.draw), mixer)
