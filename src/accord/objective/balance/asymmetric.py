"""Asymmetric loss: labels that rows lack, and that the model does not suspect, count for less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.objective.balance.answers import two_answers
from accord.part import Spec, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


class Asymmetric(Spec):
    """Asymmetric loss (Ridnik et al., 2021), for rows with several labels, most of which they
    lack."""

    kind: Literal["asymmetric"] = "asymmetric"
    positive: float = Field(0.0, ge=0)
    """Focal exponent of labels that a row has."""
    negative: float = Field(4.0, ge=0)
    """Focal exponent of labels that it lacks."""
    shift: float = Field(0.05, ge=0, lt=1)
    """Labels that it lacks and that get less than this probability count for nothing."""


@part("class-loss", Asymmetric)
def asymmetric(
    spec: Asymmetric, counts: torch.Tensor
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """`-(1 - p)^positive log p` of label 1, `-q^negative log(1 - q)`, `q = max(p - shift, 0)`, of
    label 0. Logits [B, 2], labels [B], losses [B]."""
    two_answers(counts, spec.kind)

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        no, yes = logits.log_softmax(-1).unbind(-1)
        # Powers away from 0, where the derivative is not finite for exponents below 1.
        doubt = (-yes.expm1()).clamp(min=1e-12)
        held = -(doubt**spec.positive) * yes if spec.positive else -yes
        moved = (yes.exp() - spec.shift).clamp(min=0)
        lacked = -(-moved).log1p() if spec.shift else -no
        if spec.negative:
            lacked = lacked * moved.clamp(min=1e-12) ** spec.negative
        return held.where(labels == 1, lacked)

    return loss
