"""Where a teacher's last layer puts a row, or a token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from accord.errors import ModelError
from accord.objective.distillation.answers import Answers, Match, MatchSpec, answered, by_row
from accord.objective.objective import Batch
from accord.part import part

if TYPE_CHECKING:
    import torch


class Hidden(MatchSpec):
    """Cosine distance of what the last layers are given (Sanh et al., 2019); both as wide."""

    kind: Literal["hidden"] = "hidden"


@dataclass(frozen=True, slots=True)
class HiddenMatch:
    """`1 - cos(student, teacher)`, of each row or each labelled token."""

    problem: str
    looks_inside: bool = True

    def __call__(self, student: Answers, teacher: Answers, batch: Batch) -> torch.Tensor:
        from torch.nn.functional import cosine_similarity

        from accord.model.head.embeddings import of_rows

        assert student.hidden is not None and teacher.hidden is not None
        if student.hidden.shape[-1] != teacher.hidden.shape[-1]:
            raise _widths(student.hidden.shape[-1], teacher.hidden.shape[-1])
        if self.problem in ("token-label", "next-token"):
            own, rows = answered(student.hidden, batch, self.problem)
            theirs, _ = answered(teacher.hidden, batch, self.problem)
        else:
            own, rows = of_rows(student.hidden, batch).float(), None
            theirs = of_rows(teacher.hidden, batch).float()
        return by_row(1 - cosine_similarity(own, theirs, dim=-1), rows, len(batch["labels"]))


@part("distillation", Hidden)
def hidden(spec: Hidden, problem: str) -> Match:
    """Of one kind of problem."""
    return HiddenMatch(problem)


def _widths(own: int, theirs: int) -> ModelError:
    return ModelError(
        "student and teacher are not as wide",
        code="distill-teacher",
        path="train.distill.by",
        got=f"{own} and {theirs}",
        expected="last layers that are given vectors of one size",
        why="directions in two spaces cannot be compared",
        fix="use `by: [logits]`, or a teacher as wide as the model",
    )
