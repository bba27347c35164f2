"""A gradient in which rows of the global batch count more or less, as training goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import nn

from accord.objective.gradient import Arithmetic, Gradient
from accord.objective.objective import Batch, Objective

Columns = Mapping[str, torch.Tensor]
"""Of the rows of the whole global batch, on the CPU, each [N]: `rows`, `weight` (what data steps
gave them, else 1), `labels` where a row has one, and `carried:NAME` (ids)."""


class Weighing(Protocol):
    """Says how much each row of a global batch counts.

    `by_loss`: whether it looks at the rows' losses, which costs a forward pass more.
    """

    by_loss: bool

    def weigh(self, losses: torch.Tensor, columns: Columns) -> torch.Tensor:
        """Factors [N], at least 0 and not all 0; only how they compare matters.

        Args:
            losses: Of the rows [N] in float64, on the CPU; zeros unless `by_loss`.
            columns: What else is known of the rows.

        Guarantees:
            A pure function of its arguments and what was settled before: a batch that did not fit
            into memory is weighed once more.
        """
        ...

    def settle(self) -> None:
        """The step is done: what `weigh` saw last counts as seen."""
        ...

    def state(self) -> dict[str, torch.Tensor]:
        """What was learned so far, for checkpoints."""
        ...

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        """Undo everything since `state`."""
        ...


@dataclass(frozen=True, slots=True)
class Reweighed:
    """Weighs the rows of the whole global batch, then lets `inner` do the rest.

    Guarantees:
        The rows' weights keep their sum, so the learning rate keeps its meaning. However the
        global batch is divided, the weights are the same, up to the rounding of losses. Factors
        that are all alike change nothing, bit for bit.
    """

    inner: Gradient
    weighings: tuple[Weighing, ...]

    def __call__(
        self,
        model: nn.Module,
        objective: Objective,
        batches: Sequence[Batch],
        *,
        arithmetic: Arithmetic,
        scale: float,
    ) -> float:
        columns = _columns(batches)
        losses = torch.zeros(len(columns["rows"]), dtype=torch.float64)
        if any(weighing.by_loss for weighing in self.weighings):
            losses = _losses(model, objective, batches, arithmetic)
        factors = torch.ones_like(losses)
        for weighing in self.weighings:
            factors = factors * weighing.weigh(losses, columns)
        filled = _filled(batches, factors, columns["weight"])
        loss = self.inner(model, objective, filled, arithmetic=arithmetic, scale=scale)
        for weighing in self.weighings:
            weighing.settle()
        return loss

    def state(self) -> Mapping[str, torch.Tensor]:
        own = {
            f"{number}.{name}": tensor
            for number, weighing in enumerate(self.weighings)
            for name, tensor in weighing.state().items()
        }
        return {**own, **self.inner.state()}

    def restore(self, state: Mapping[str, torch.Tensor]) -> None:
        for number, weighing in enumerate(self.weighings):
            start = f"{number}."
            own = {n.removeprefix(start): t for n, t in state.items() if n.startswith(start)}
            weighing.restore(own)
        self.inner.restore(state)


def _columns(batches: Sequence[Batch]) -> Columns:
    names = {"rows", *(n for n in batches[0] if n == "labels" or n.startswith("carried:"))}
    found = {name: torch.cat([batch[name].cpu() for batch in batches]) for name in names}
    given = [batch.get("weight", torch.ones(len(batch["rows"]))).cpu() for batch in batches]
    return found | {"weight": torch.cat(given).double()}


def _losses(
    model: nn.Module, objective: Objective, batches: Sequence[Batch], arithmetic: Arithmetic
) -> torch.Tensor:
    """Of every row, under the dropout that the gradient will be computed with. [N], float64."""
    device = batches[0]["rows"].device
    devices = [device] if device.type == "cuda" else []
    found: list[torch.Tensor] = []
    with torch.random.fork_rng(devices), torch.no_grad():
        for batch in batches:
            with arithmetic():
                found.append(objective.losses(model, batch).double().cpu())
    return torch.cat(found)


def _filled(
    batches: Sequence[Batch], factors: torch.Tensor, weight: torch.Tensor
) -> Sequence[Batch]:
    """The batches with the rows' new weights, whose sum stays what it was."""
    if bool((factors == factors[0]).all()):
        return batches
    found = weight * factors
    # Where only rows are left that data steps gave no weight, nothing is left to learn from.
    found = found * (weight.sum() / found.sum().clamp(min=1e-12))
    parts = found.split([len(batch["rows"]) for batch in batches])
    return [
        {**batch, "weight": part.float().to(batch["rows"].device)}
        for batch, part in zip(batches, parts, strict=True)
    ]
