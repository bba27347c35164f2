"""Every trained weight moves, or the run says so (opacus#820, peft#3409)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import nn

from accord.errors import ModelError
from accord.objective.gradient import accumulate
from accord.optimizer.movement import PATIENCE
from accord.parallel.held import Undivided
from accord.parallel.learner import Learner


def learner(model: nn.Module, optimizer: torch.optim.Optimizer) -> Learner:
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    return Learner(Undivided(model), optimizer, scaler, None, accumulate)


def step(made: Learner, x: torch.Tensor) -> None:
    made.model(x).square().sum().backward()
    made.update(0.0, None)


class Adapted(nn.Module):
    """A frozen layer with an adapter of low rank, of which one half starts at 0."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(6, 6).requires_grad_(False)
        self.down, self.up = nn.Linear(6, 2, bias=False), nn.Linear(2, 6, bias=False)
        self.spare = nn.Linear(2, 2)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) + self.up(self.down(x))


ROWS = torch.linspace(-1, 1, 24).view(4, 6)


def test_an_optimizer_of_other_tensors_is_refused_at_the_first_step() -> None:
    model = Adapted()
    stale = torch.optim.AdamW(copy.deepcopy(model).parameters(), lr=0.1, weight_decay=0.1)
    with pytest.raises(ModelError, match=r"up\.weight has a gradient and did not move") as caught:
        step(learner(model, stale), ROWS)
    assert caught.value.code == "weights-unmoved"


class Still(torch.optim.SGD):
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        return None


def test_an_optimizer_that_does_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match="did not move") as caught:
        step(learner(model := Adapted(), Still(model.parameters(), lr=0.1)), ROWS)
    assert caught.value.path == "train.optimizer"


def test_half_an_adapter_may_wait_and_what_no_gradient_reaches_is_told_once() -> None:
    made = learner(model := Adapted(), torch.optim.SGD(model.parameters(), lr=0.1))
    told = []
    for _ in range(PATIENCE + 2):
        step(made, ROWS)
        told += list(made.movement.told())
    assert told == [("spare.weight", "spare.bias")]


def test_steps_that_rounding_hides_are_no_mistake() -> None:
    model = nn.LayerNorm(6)
    made = learner(model, torch.optim.AdamW(model.parameters(), lr=1e-9, weight_decay=0.0))
    step(made, ROWS)
    assert list(made.movement.waiting) == ["weight"]
    made.optimizer.param_groups[0]["lr"] = 1e-3
    step(made, ROWS)
    assert not made.movement.waiting
