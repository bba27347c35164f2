"""What several processes cannot compute each for itself."""

from __future__ import annotations

from accord.errors import RecipeError
from accord.recipe.combination import given
from accord.recipe.tree import Recipe

WHOLE = {
    "augment.mix": "rows are mixed with others of the whole batch",
    "train.robust": "how much a row counts depends on the losses of the whole batch",
    "balance.cold_start": "how much a row counts depends on what all of the batch has shown",
}
"""Fields that look at a whole global batch, and how."""


def refuse_apart(recipe: Recipe) -> None:
    """Raises: RecipeError: Something in the recipe needs all rows of a batch in one process."""
    for path, why in WHOLE.items():
        if given(recipe, path):
            raise RecipeError(
                f"`{path}` needs all rows of a batch in one process",
                code="several-processes",
                path=path,
                got="several processes",
                expected="1",
                why=why,
                fix="start the run once, without `torchrun`, or remove it",
            )
