"""What a teacher says of every class, also of those that it does not choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.objective.distillation.answers import Answers, Match, MatchSpec, answered, by_row
from accord.objective.objective import Batch
from accord.part import part

if TYPE_CHECKING:
    import torch


class Logits(MatchSpec):
    """The teacher's probabilities, softened (Hinton et al., 2015); of numbers, its prediction."""

    kind: Literal["logits"] = "logits"
    temperature: float = Field(2.0, gt=0)
    """Logits are divided by it; the higher, the more unlikely classes count. Not for numbers."""


@dataclass(frozen=True, slots=True)
class LogitMatch:
    """`T^2 KL(teacher || student)` at temperature T: of classes, of each label (their mean), of
    each labelled token; of numbers the squared difference, in standard deviations."""

    temperature: float
    problem: str
    looks_inside: bool = False

    def __call__(self, student: Answers, teacher: Answers, batch: Batch) -> torch.Tensor:
        own, rows = answered(student.logits, batch, self.problem)
        theirs, _ = answered(teacher.logits, batch, self.problem)
        if self.problem == "regression":
            return (own - theirs).square().squeeze(-1)
        own, theirs = own / self.temperature, theirs / self.temperature
        apart = _each_label(own, theirs) if self.problem == "multi-label" else _classes(own, theirs)
        return by_row(apart * self.temperature**2, rows, len(batch["labels"]))


def _classes(own: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    said = theirs.log_softmax(-1)
    return (said.exp() * (said - own.log_softmax(-1))).sum(-1)


def _each_label(own: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import logsigmoid

    yes = theirs.sigmoid()
    apart = yes * (logsigmoid(theirs) - logsigmoid(own))
    return (apart + (1 - yes) * (logsigmoid(-theirs) - logsigmoid(-own))).mean(-1)


@part("distillation", Logits)
def logits(spec: Logits, problem: str) -> Match:
    """Of one kind of problem."""
    return LogitMatch(spec.temperature, problem)
