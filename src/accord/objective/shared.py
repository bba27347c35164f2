"""One encoder, several questions: side heads read what the task's own head reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.objective.distillation.answers import listening
from accord.objective.objective import Batch, Objective, weighted
from accord.recipe.side_task import ASKED, SIDE

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Side:
    """A side task.

    Args:
        name: Its column.
        problem: `single-label` or `regression`.
        head: From what the model's last layer is given to its answer.
        weight: Of its loss.
        mean, std: Of its numbers.
    """

    name: str
    problem: str
    head: nn.Linear
    weight: float = 1.0
    mean: float = 0.0
    std: float = 1.0

    def losses(self, vectors: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Of each row [B], 0 where it has no answer; fp32 with gradient."""
        from torch.nn import functional

        found, answers = self.head(vectors).float(), batch[f"{SIDE}{self.name}"]
        if self.problem == "single-label":
            return functional.cross_entropy(found, answers, reduction="none")
        due = answers.isfinite()
        target = ((answers - self.mean) / self.std).where(due, 0.0)
        return (found.squeeze(-1) - target).square() * due

    def scores(self, vectors: torch.Tensor, batch: Batch) -> dict[str, torch.Tensor]:
        """Per-row columns that scorers read."""
        found, answers = self.head(vectors).float(), batch[f"{SIDE}{self.name}"]
        if self.problem == "single-label":
            return {"scores": found.softmax(-1), "label": answers}
        return {"value": found.squeeze(-1) * self.std + self.mean, "label": answers}


@dataclass(frozen=True, slots=True)
class Shared:
    """`loss + sum_t weight_t loss_t`, row by row, in one call of the model.

    Args:
        objective: Of the task itself; its units and scores are kept.
        layer: The last of the model; side heads read what it is given.
        sides: The side tasks.
    """

    objective: Objective
    layer: nn.Linear
    sides: Sequence[Side]

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        with listening(model, self.layer) as answers:
            found = self.objective.losses(model, batch)
        if ASKED in batch:
            found = found * batch[ASKED]
        vectors = _vectors(answers().hidden, batch)
        for side in self.sides:
            found = found + side.weight * side.losses(vectors, batch)
        return found

    def units(self, batch: Batch) -> float:
        """Those of the rows that are asked what the task asks."""
        if ASKED not in batch:
            return self.objective.units(batch)
        weight = batch[ASKED] * batch.get("weight", 1.0)
        return self.objective.units({**batch, "weight": weight})

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return self.objective.scores(model, batch)


@dataclass(frozen=True, slots=True)
class Sides:
    """The side tasks alone, for evaluation: columns `NAME/scores` and the like.

    Arguments as of `Shared`.
    """

    layer: nn.Linear
    sides: Sequence[Side]

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return weighted(self.losses(model, batch), batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        vectors = self._asked(model, batch)
        losses = [side.weight * side.losses(vectors, batch) for side in self.sides]
        return sum(losses[1:], losses[0])

    def units(self, batch: Batch) -> float:
        return float(batch["rows"].shape[0])

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        vectors = self._asked(model, batch)
        return {
            f"{side.name}/{column}": values
            for side in self.sides
            for column, values in side.scores(vectors, batch).items()
        }

    def _asked(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        from accord.model.inputs import model_inputs

        with listening(model, self.layer) as answers:
            model(**model_inputs(model, dict(batch)))
        return _vectors(answers().hidden, batch)


def sides_of(
    tasks: Sequence[Mapping[str, Any]], heads: nn.ModuleDict, weights: Sequence[float] = ()
) -> tuple[Side, ...]:
    """Side tasks by what `schema.json` says of them, with their heads in the same order."""
    found: list[Side] = []
    for number, task in enumerate(tasks):
        head: Any = heads[str(number)]
        target = task.get("target") or {"mean": 0.0, "std": 1.0}
        weight = weights[number] if weights else 1.0
        mean, std = float(target["mean"]), float(target["std"])
        found.append(Side(task["name"], task["problem"], head, weight, mean, std))
    return tuple(found)


def _vectors(hidden: torch.Tensor | None, batch: Batch) -> torch.Tensor:
    from accord.model.head.embeddings import of_rows

    assert hidden is not None
    return of_rows(hidden, batch)
