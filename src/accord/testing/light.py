"""Contracts of schedules, scorers, sinks and penalties."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from accord.errors import MissingExtra
from accord.testing.contract import PartContract
from accord.testing.data import LABELS, tiny_columns


class ScheduleContract(PartContract):
    """A schedule gives a factor of the peak rate, from 0 to 1, for every step."""

    slot = "schedule"

    @pytest.mark.parametrize("steps", [1, 2, 17, 200])
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
    def test_factors_lie_between_0_and_1(self, steps: int, share: float) -> None:
        factor = self.part(self.spec(), steps, math.floor(share * steps))
        values = [factor(step) for step in range(steps + 1)]
        assert all(math.isfinite(value) and 0 <= value <= 1 + 1e-12 for value in values)
        assert max(values) > 0

    def test_warms_up_in_a_straight_line_to_the_peak(self) -> None:
        factor = self.part(self.spec(), 100, 10)
        assert [factor(step) for step in range(11)] == pytest.approx(np.linspace(0, 1, 11).tolist())

    def test_depends_on_the_step_alone(self) -> None:
        first, second = (self.part(self.spec(), 50, 5) for _ in range(2))
        forth = [first(step) for step in range(50)]
        assert [second(step) for step in reversed(range(50))] == forth[::-1]


class ScorerContract(PartContract):
    """A scorer's numbers agree with each other, are JSON, and do not depend on the rows' order."""

    slot = "scorer"
    problem: ClassVar[str | None] = None
    """Kind of problem; that of the part's name by default."""

    def made(self) -> tuple[Any, dict[str, Any]]:
        """The scorer and columns it reads."""
        problem = self.problem or self.part.kind
        scorer = self.part(self.spec(), labels=LABELS.get(problem, []), bins=10)
        return scorer, tiny_columns(problem)

    def test_metrics_are_numbers_or_explained(self) -> None:
        scorer, columns = self.made()
        scores = scorer.scores(columns)
        assert scores.metrics
        for name, value in scores.metrics.items():
            assert name in scores.undefined if value is None else math.isfinite(value), name
        content = [scores.metrics, scores.per_class, scores.confusion]
        assert json.dumps(content, allow_nan=False)

    def test_drawing_every_row_once_changes_nothing(self) -> None:
        scorer, columns = self.made()
        rows = len(next(iter(columns.values())))
        metrics = scorer.scores(columns).metrics
        found = scorer.resampled(columns)(np.ones((rows, 2)))
        assert found
        for name, values in found.items():
            assert values.shape == (2,), name
            assert values.tolist() == pytest.approx([metrics[name]] * 2, abs=1e-9), name

    def test_drawing_a_row_twice_is_having_it_twice(self) -> None:
        scorer, columns = self.made()
        rows = len(next(iter(columns.values())))
        drawn = np.random.default_rng(3).integers(0, rows, rows)
        counts = np.bincount(drawn, minlength=rows).astype(float)[:, None]
        found = scorer.resampled(columns)(counts)
        metrics = scorer.scores({name: values[drawn] for name, values in columns.items()}).metrics
        for name, values in found.items():
            if metrics[name] is not None and math.isfinite(values[0]):
                assert values[0] == pytest.approx(metrics[name], abs=1e-9), name

    def test_order_of_rows_does_not_matter(self) -> None:
        scorer, columns = self.made()
        turned = {name: values[::-1].copy() for name, values in columns.items()}
        again = scorer.scores(turned).metrics
        for name, value in scorer.scores(columns).metrics.items():
            assert again[name] == pytest.approx(value, abs=1e-9), name

    def test_curves_are_small_json(self) -> None:
        scorer, columns = self.made()
        curves = scorer.curves(columns)
        assert json.dumps(curves, allow_nan=False)
        assert all(len(points) <= 200 for points in _lists(curves))

    def test_rows_can_be_scored_again(self) -> None:
        scorer, columns = self.made()
        rows = scorer.rows(columns)
        count = len(next(iter(columns.values())))
        assert "loss" in rows and all(len(values) == count for values in rows.values())
        restored = scorer.restored({name: list(values) for name, values in rows.items()})
        again = scorer.scores(restored).metrics
        for name, value in scorer.scores(columns).metrics.items():
            if name in again:
                assert again[name] == pytest.approx(value, abs=1e-5), name


class SinkContract(PartContract):
    """A sink takes every event of a run, and none stops the run."""

    slot = "sink"
    events: ClassVar[tuple[dict[str, Any], ...]] = (
        {"event": "start", "accord": "0", "task": "causal-lm", "versions": {"torch": "2"}},
        {"event": "stage", "stage": "train", "state": "run", "identity": "0" * 64},
        {"event": "step", "step": 1, "steps": 2, "loss": 2.5, "learning_rate": 0.1, "epoch": 0.5},
        {"event": "bad_step", "step": 2, "reason": "non-finite loss"},
        {"event": "evaluate", "step": 2, "epoch": 1.0, "metrics": {"loss": 1.5, "f1": None}},
        {"event": "efficiency", "phases": {"data": 0.1}, "energy_joules": None, "steps": 2},
        {"event": "something-new", "value": [1, {"a": "b"}]},
        {"event": "end", "status": "complete"},
    )

    def test_takes_every_event(self, tmp_path: Path) -> None:
        try:
            sink = self.part(self.spec(), tmp_path)
        except MissingExtra as error:
            pytest.skip(error.problem)
        for i, event in enumerate(self.events):
            sink({"time": 1.7e9 + i, **event})


class PenaltyContract(PartContract):
    """A penalty is a scalar function of the weights; with weight 0 it is zero."""

    slot = "penalty"

    def test_is_a_finite_scalar_with_gradient(self) -> None:
        import torch

        model = torch.nn.Linear(3, 2)
        penalty = self.part(self.spec(), model)
        with torch.no_grad():
            model.weight += 0.5
        value = penalty(model)
        assert value.shape == () and torch.isfinite(value) and value.requires_grad
        value.backward()
        assert model.weight.grad is not None and torch.isfinite(model.weight.grad).all()

    def test_weight_0_changes_nothing(self) -> None:
        import torch

        if "weight" not in self.part.spec.model_fields:
            pytest.skip("has no weight")
        model = torch.nn.Linear(3, 2)
        penalty = self.part(self.spec(weight=0.0), model)
        with torch.no_grad():
            model.weight += 0.5
        value = penalty(model)
        value.backward()
        assert float(value) == 0
        assert not any(p.grad is not None and p.grad.any() for p in model.parameters())

    def test_leaves_frozen_weights_alone(self) -> None:
        import torch

        model = torch.nn.Linear(3, 2)
        model.bias.requires_grad_(False)
        penalty = self.part(self.spec(), model)
        penalty(model).backward()
        assert model.bias.grad is None

    def test_does_not_change_the_weights(self) -> None:
        import torch

        model = torch.nn.Linear(3, 2)
        before = model.weight.detach().clone()
        self.part(self.spec(), model)(model)
        assert torch.equal(model.weight, before)


def _lists(value: Any) -> list[list[Any]]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in _lists(inner)]
    return [value] if isinstance(value, list) else []
