"""`train.distill:` learning from a larger model's answers beside the labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.data import Trust
from accord.recipe.section import Section

TEACHER = "teacher:"
"""Prefix of prepared columns that a teacher reads instead of the model's own."""
ANSWERS = "answers:"
"""Prefix of columns with what a teacher answered to each row."""


class Distill(Section):
    """The loss becomes `(1 - weight)` of the recipe's own and `weight` of what the teacher says."""

    teacher: str
    """Run or model directory, or hub id, of a trained model for the same kind of problem; it may
    know other classes: those of the same names are learned from."""
    agreement: str | None = None
    """Agreement file of the teacher, or `own`; by default as for `model.agreement`."""
    trust: Trust = None
    """Files of public keys, one of which must have signed the agreement of the teacher."""
    revision: str | None = None
    """Commit, tag or branch of a hub id."""
    by: tuple[Annotated[Spec, SpecOf("distillation")], ...] = Field(
        default=("logits",),  # type: ignore[arg-type]
        min_length=1,
    )
    """What is compared: `[{kind: logits, temperature: 2}, {kind: hidden, weight: 1}]`."""
    weight: float = Field(default=0.5, ge=0, le=1)
    """How much the teacher counts beside the labels; 0 changes nothing."""
