"""How many weights a recipe's training moves, counted in the model it would train."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.model.load import load_model
from accord.recipe.tree import Recipe


def trained_weights(recipe: Recipe, schema: Mapping[str, Any], base: Path) -> int:
    """Weights that get gradients: adapters, the head, or all.

    Args:
        recipe: Its `model` and `task`.
        schema: Of the data.
        base: Folder that relative paths start from.

    Raises:
        ModelError: The model cannot be used for this task.
    """
    model = load_model(recipe.model, schema, task=recipe.task, seed=0, base=base)
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)
