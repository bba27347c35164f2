"""`train.tasks:` other questions about the same rows, answered by heads on the same encoder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.recipe.section import Section

SIDE = "task:"
"""Prefix of prepared columns with the answers of side tasks."""


class SideTask(Section):
    """A column that is learned beside the label: what it teaches helps where labels are few."""

    label: str
    """Column of the answers; rows without one count for nothing here."""
    kind: Literal["classes", "number"] = "classes"
    """One class a row, or a number."""
    weight: float = Field(default=0.5, ge=0)
    """Of its mean loss beside the task's own; 0 changes nothing."""
