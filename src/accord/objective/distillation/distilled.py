"""An objective mixed with what a frozen teacher says of the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.objective.distillation.answers import Answers, Match, listening
from accord.objective.objective import Batch, Objective, weighted
from accord.recipe.distill import ANSWERS, TEACHER

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Teacher:
    """A trained model that is asked and not trained.

    Args:
        model: In eval mode, on the student's device, without gradients.
        layer: Its last one, where what it is given is compared.
        columns: Which of its logits are compared, in the student's order [shared]; None for all.
        scale: `(a, b)`: its number x is `a x + b` in the student's unit.
        categories: Of tables: its id of each of the student's ids, by column.
    """

    model: nn.Module
    layer: nn.Linear | None = None
    columns: torch.Tensor | None = None
    scale: tuple[float, float] = (1.0, 0.0)
    categories: tuple[torch.Tensor, ...] = ()

    def __call__(self, batch: Batch) -> Answers:
        """Its answers, as the student's are to be. Draws nothing at random."""
        import torch

        from accord.model.inputs import model_inputs

        with torch.no_grad(), listening(self.model, self.layer) as answers:
            self.model(**model_inputs(self.model, self._read(batch)))
        found = answers()
        chosen = found.logits if self.columns is None else found.logits[..., self.columns]
        if self.scale != (1.0, 0.0):
            chosen = chosen * self.scale[0] + self.scale[1]
        return Answers(chosen, found.hidden)

    def _read(self, batch: Batch) -> dict[str, torch.Tensor]:
        import torch

        own = {n.removeprefix(TEACHER): t for n, t in batch.items() if n.startswith(TEACHER)}
        if own:
            return own
        if self.categories:
            columns = zip(self.categories, batch["categorical"].unbind(1), strict=True)
            found = torch.stack([ids[column] for ids, column in columns], 1)
            return {**batch, "categorical": found}
        return dict(batch)


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a teacher said of each row before training began."""

    def __call__(self, batch: Batch) -> Answers:
        return Answers(batch[f"{ANSWERS}logits"], batch.get(f"{ANSWERS}hidden"))


@dataclass(frozen=True, slots=True)
class Questions:
    """What a teacher is asked of a split once: `logits` [B, L], and `hidden` [B, D] if a match
    looks inside. Of rows with one answer each.

    Args:
        teacher: Answers.
        plain: The objective of the problem.
    """

    teacher: Teacher
    plain: Objective

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.loss(model, batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.losses(model, batch)

    def units(self, batch: Batch) -> float:
        return self.plain.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """The answers, whatever `model` says."""
        from accord.model.head.embeddings import of_rows

        said = self.teacher(batch)
        found = {"logits": said.logits.float()}
        if said.hidden is not None:
            found["hidden"] = of_rows(said.hidden, batch).float()
        return found


@dataclass(frozen=True, slots=True)
class Distilled:
    """`(1 - weight) loss + weight sum_i w_i match_i`, row by row, in one call of the student.

    Args:
        objective: What is minimised without a teacher.
        teacher: Says what it thinks of each batch, or said it before.
        matches: What is compared, each with its weight.
        weight: Of the teacher.
        layer: The student's last, where a match looks inside.
        columns: Which of the student's logits are compared [shared]; None for all.
    """

    objective: Objective
    teacher: Teacher | Remembered
    matches: tuple[tuple[float, Match], ...]
    weight: float
    layer: nn.Linear | None = None
    columns: torch.Tensor | None = None

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        with listening(model, self.layer) as answers:
            own = self.objective.losses(model, batch)
        found = answers()
        chosen = found.logits if self.columns is None else found.logits[..., self.columns]
        student, teacher = Answers(chosen, found.hidden), self.teacher(batch)
        taught = sum(weight * match(student, teacher, batch) for weight, match in self.matches)
        return (1 - self.weight) * own + self.weight * taught

    def units(self, batch: Batch) -> float:
        return self.objective.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.objective.scores(model, batch)
