"""Losses that are for questions with two answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.errors import RecipeError

if TYPE_CHECKING:
    import torch


def two_answers(counts: torch.Tensor, kind: str) -> None:
    """Refuse a loss that is for questions with two answers where there are more.

    Raises:
        RecipeError: There are more.
    """
    if len(counts) == 2:
        return
    raise RecipeError(
        f"`{kind}` is for labels that a row has or lacks",
        code="recipe-conflict",
        path="balance.loss",
        got=f"{len(counts)} classes, of which a row has one",
        expected="two classes, or rows with several labels",
        why="it treats the presence of a label unlike its absence; a class among many has neither",
        fix="use `focal`, `ldam` or `logit-adjustment`",
    )
