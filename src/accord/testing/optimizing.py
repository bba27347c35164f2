"""Contracts of optimizers and schedules."""

from __future__ import annotations

import copy
import itertools
import math
from typing import Any

import torch

from accord.testing.contract import Contract


class OptimizerContract(Contract):
    """Lowers a quadratic, honours the rate, and goes on exactly from its saved state.

    Attributes:
        device: Where the weights are.
        learning_rate: One that suits a quadratic.
    """

    device: str = "cpu"
    learning_rate: float = 0.02

    def build(self, weights: list[torch.Tensor], rate: float | None = None) -> Any:
        rate = self.learning_rate if rate is None else rate
        groups = [
            {"params": [weights[0]], "names": ["a"], "lr": rate, "weight_decay": 0.0},
            {"params": [weights[1]], "names": ["b"], "lr": rate, "weight_decay": 0.0},
        ]
        return self.part(self.spec(), groups)

    def weights(self) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(0)
        shapes = ((8, 4), (4,))
        values = [torch.randn(shape, generator=generator) for shape in shapes]
        return [value.to(self.device).requires_grad_() for value in values]

    def test_steps_lower_a_quadratic(self) -> None:
        weights = self.weights()
        optimizer = self.build(weights)
        losses = [_step(optimizer, weights) for _ in range(20)]
        assert losses[1] < losses[0]
        assert losses[-1] < losses[0]

    def test_rate_zero_moves_nothing(self) -> None:
        weights = self.weights()
        before = [weight.detach().clone() for weight in weights]
        _step(self.build(weights, rate=0.0), weights)
        assert all(torch.equal(a, b) for a, b in zip(weights, before, strict=True))

    def test_a_weight_without_gradient_stays(self) -> None:
        weights = self.weights()
        before = weights[1].detach().clone()
        optimizer = self.build(weights)
        weights[0].square().sum().backward()
        optimizer.step()
        assert torch.equal(weights[1], before)

    def test_it_goes_on_from_its_saved_state(self) -> None:
        weights = self.weights()
        optimizer = self.build(weights)
        for _ in range(3):
            _step(optimizer, weights)
        others = [weight.detach().clone().requires_grad_() for weight in weights]
        again = self.build(others)
        again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
        for _ in range(3):
            assert _step(optimizer, weights) == _step(again, others)
        assert all(torch.equal(a, b) for a, b in zip(weights, others, strict=True))


class ScheduleContract(Contract):
    """Factors of the peak rate: finite, from 0 through warm-up, never above 1 or below 0."""

    def test_factors_lie_between_0_and_1(self) -> None:
        for steps, warmup in ((1, 0), (2, 1), (100, 0), (100, 10), (100, 99), (7, 7)):
            factor = self.part(self.spec(), steps, warmup)
            # A step past the end is asked for when a run is resumed at its end.
            for step in range(steps + 1):
                value = factor(step)
                assert math.isfinite(value), (steps, warmup, step)
                assert -1e-9 <= value <= 1 + 1e-9, (steps, warmup, step, value)

    def test_warm_up_rises_from_0(self) -> None:
        factor = self.part(self.spec(), 100, 10)
        values = [factor(step) for step in range(11)]
        assert values[0] == 0
        assert all(a < b for a, b in itertools.pairwise(values))
        assert self.part(self.spec(), 100, 0)(0) > 0

    def test_it_depends_on_the_step_alone(self) -> None:
        factor = self.part(self.spec(), 50, 5)
        values = [factor(step) for step in range(50)]
        assert [factor(step) for step in reversed(range(50))] == values[::-1]


def _step(optimizer: Any, weights: list[torch.Tensor]) -> float:
    optimizer.zero_grad()
    loss = sum(
        (weight.square().sum() for weight in weights), torch.zeros((), device=weights[0].device)
    )
    loss.backward()
    optimizer.step()
    return float(loss.detach())
