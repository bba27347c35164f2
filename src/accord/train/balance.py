"""The loss that `balance:` wants of the training rows."""

from __future__ import annotations

import numpy as np
import torch

from accord.batch import PreparedSplit
from accord.errors import RecipeError
from accord.objective.balance.balanced import balanced
from accord.objective.objective import Objective
from accord.recipe.balance import Balance
from accord.recipe.tree import Recipe

PROBLEMS = ("single-label", "multi-label", "token-label")


def balanced_by(plain: Objective, recipe: Recipe, split: PreparedSplit) -> Objective:
    """The objective that is minimised, up to where deferred weights begin."""
    balance = recipe.balance
    if _deferred(balance) > 0:
        balance = balance.model_copy(update={"weights": None})
    return _balanced(plain, recipe, split, balance)


def deferred_by(
    plain: Objective, recipe: Recipe, split: PreparedSplit
) -> tuple[Objective, float] | None:
    """The objective with deferred weights, and the share of the steps before it; None without."""
    share = _deferred(recipe.balance)
    return (_balanced(plain, recipe, split, recipe.balance), share) if share > 0 else None


def class_counts(split: PreparedSplit) -> torch.Tensor:
    """Rows (of tags: tokens) of each class [classes]; of several labels how many rows are without
    and with each [labels, 2]."""
    schema, column = split.schema, split.table["label"].combine_chunks()
    size = len(schema["labels"])
    if schema["problem"] == "single-label":
        return _counted(column.to_numpy(zero_copy_only=False), size)
    values = column.flatten().to_numpy(zero_copy_only=False)
    if schema["problem"] == "token-label":
        return _counted(values[values >= 0], size)
    held = torch.from_numpy(values.reshape(split.rows, -1).astype(np.float32)).sum(0)
    return torch.stack([split.rows - held, held], 1)


def _counted(ids: np.ndarray, size: int) -> torch.Tensor:
    return torch.from_numpy(np.bincount(ids, minlength=size)).float()


def _deferred(balance: Balance) -> float:
    return getattr(balance.weights, "defer", 0.0)


def _balanced(
    plain: Objective, recipe: Recipe, split: PreparedSplit, balance: Balance
) -> Objective:
    problem = split.schema["problem"]
    if balance.loss is None and balance.weights is None:
        return plain
    if problem not in PROBLEMS:
        raise RecipeError(
            "`balance` has no meaning for rows without classes",
            code="recipe-conflict",
            path="balance",
            got=problem,
            expected=", ".join(PROBLEMS),
            fix="remove `balance.loss` and `balance.weights`",
        )
    smoothing = recipe.train.label_smoothing
    return balanced(plain, balance, class_counts(split), smoothing, problem)
