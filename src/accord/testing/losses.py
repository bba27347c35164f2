"""Contracts of objectives and penalties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from accord.batch import collate
from accord.objective.objective import Batch, Objective
from accord.testing.contract import Contract
from accord.testing.tiny import tiny_model, tiny_rows, tiny_schema

ROWS = 12
DIVISIONS = ([12], [6, 6], [1, 11], [5, 4, 3], [1] * 12)


class ObjectiveContract(Contract):
    """Additivity over any division of the rows, finite numbers, a column for every row.

    Override `problem` for rows of another kind, `model` and `batch` for rows of your own.
    """

    problem: str = "single-label"

    def objective(self, smoothing: float = 0.0) -> Objective:
        schema = tiny_schema(self.problem)
        return self.part(self.spec(), label_smoothing=smoothing, schema=schema)

    def model(self) -> nn.Module:
        return tiny_model(self.problem)

    def batch(self, rows: Sequence[int]) -> Batch:
        """The batch of some of `ROWS` rows."""
        return collate(tiny_rows(self.problem, ROWS).take(list(rows)), tiny_schema(self.problem))

    def test_loss_and_units_are_additive(self) -> None:
        model, objective = self.model().eval(), self.objective()
        whole, units, gradient = self._sums(model, objective, [list(range(ROWS))])
        assert units > 0
        for seed, sizes in enumerate(DIVISIONS):
            order = np.random.default_rng(seed).permutation(ROWS)
            parts = [p.tolist() for p in np.split(order, np.cumsum(sizes)[:-1])]
            loss, counted, found = self._sums(model, objective, parts)
            assert counted == units, f"units depend on the division {sizes}"
            assert abs(loss - whole) <= 1e-4 * max(1.0, abs(whole)), f"loss depends on {sizes}"
            torch.testing.assert_close(found, gradient, rtol=1e-3, atol=1e-4)

    def test_the_loss_is_the_sum_of_the_rows_losses_times_their_weights(self) -> None:
        model, objective, batch = self.model().eval(), self.objective(), self.batch(range(ROWS))
        losses, units = objective.losses(model, batch), objective.units(batch)
        assert losses.shape == (ROWS,)
        torch.testing.assert_close(losses.sum(), objective.loss(model, batch))
        for weight in (torch.ones(ROWS), torch.arange(ROWS).float()):
            loss = objective.loss(model, {**batch, "weight": weight})
            torch.testing.assert_close(loss, (losses * weight).sum())
        assert objective.units({**batch, "weight": torch.ones(ROWS)}) == units
        assert objective.units({**batch, "weight": torch.full((ROWS,), 0.5)}) == units / 2

    def test_the_loss_is_a_finite_scalar_in_fp32(self) -> None:
        for smoothing in (0.0, 0.1):
            loss = self.objective(smoothing).loss(self.model(), self.batch(range(ROWS)))
            assert (loss.dtype, loss.shape) == (torch.float32, torch.Size(()))
            assert bool(loss.isfinite())
            assert loss.requires_grad

    def test_a_small_step_against_the_gradient_lowers_the_loss(self) -> None:
        model, objective, batch = self.model(), self.objective(), self.batch(range(ROWS))
        before = objective.loss(model, batch)
        before.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    parameter -= 1e-5 * parameter.grad
            assert objective.loss(model, batch) < before

    def test_scores_have_one_entry_a_row(self) -> None:
        with torch.no_grad():
            found = self.objective().scores(self.model().eval(), self.batch(range(ROWS)))
        assert found
        for name, values in found.items():
            assert values.shape[0] == ROWS, name
            assert not values.isnan().any(), name

    def _sums(
        self, model: nn.Module, objective: Objective, parts: Sequence[Sequence[int]]
    ) -> tuple[float, float, torch.Tensor]:
        model.zero_grad(set_to_none=True)
        total = units = 0.0
        for rows in parts:
            batch = self.batch(rows)
            loss = objective.loss(model, batch)
            loss.backward()
            total, units = total + loss.item(), units + objective.units(batch)
        gradients = [p.grad.flatten() for p in model.parameters() if p.grad is not None]
        return total, units, torch.cat(gradients)


class PenaltyContract(Contract):
    """A scalar of the weights alone, whose gradient leads down."""

    def model(self) -> nn.Module:
        return tiny_model()

    def _moved(self) -> tuple[nn.Module, Any]:
        """A model whose weights left the start that the penalty saw, and the penalty."""
        model = self.model()
        penalty = self.part(self.spec(), model)
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
        return model, penalty

    def test_it_is_a_finite_scalar_of_the_weights_alone(self) -> None:
        model, penalty = self._moved()
        first = penalty(model)
        assert first.shape == torch.Size(())
        assert bool(first.isfinite())
        assert torch.equal(first, penalty(model))

    def test_its_gradient_leads_down(self) -> None:
        model, penalty = self._moved()
        before = penalty(model)
        before.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.grad is not None:
                    assert bool(parameter.grad.isfinite().all())
                    parameter -= 1e-2 * parameter.grad
            assert penalty(model) < before

    def test_frozen_weights_get_no_gradient(self) -> None:
        model = self.model()
        frozen = next(model.parameters()).requires_grad_(False)
        self.part(self.spec(), model)(model).backward()
        assert frozen.grad is None


COUNTS = (900.0, 90.0, 10.0)
"""Training rows of three classes, from frequent to rare."""


class ClassLossContract(Contract):
    """A finite loss for each row, by its own logits alone, that falls as the model gets surer.

    Override `classes` for a loss that takes two only.
    """

    classes: int = 3

    def loss(self) -> Any:
        return self.part(self.spec(), torch.tensor(COUNTS)[: self.classes])

    def test_each_row_has_a_finite_loss_with_a_finite_gradient(self) -> None:
        sure = torch.linspace(30.0, -30.0, self.classes)
        plain = (torch.zeros(self.classes), torch.randn(self.classes))
        rows = torch.stack([sure, sure.flip(0), *plain]).requires_grad_()
        found = self.loss()(rows, torch.tensor([0, 0, 1, self.classes - 1]))
        assert found.shape == (4,) and bool(found.isfinite().all())
        found.sum().backward()
        assert rows.grad is not None and bool(rows.grad.isfinite().all())

    def test_rows_do_not_look_at_each_other(self) -> None:
        rows = torch.randn(6, self.classes, generator=torch.Generator().manual_seed(0))
        labels = torch.arange(6) % self.classes
        whole, loss = self.loss()(rows, labels), self.loss()
        alone = [loss(row[None], label[None]) for row, label in zip(rows, labels, strict=True)]
        torch.testing.assert_close(whole, torch.cat(alone))

    def test_it_falls_as_the_right_class_gets_likelier(self) -> None:
        for label in range(self.classes):
            own = torch.nn.functional.one_hot(torch.tensor(label), self.classes).float()
            steps = torch.stack([own * strength for strength in (-2.0, 0.0, 2.0, 4.0)])
            found = self.loss()(steps, torch.full((4,), label))
            assert bool((found.diff() < 0).all())


class ClassWeightsContract(Contract):
    """Rare classes count for no less than frequent ones; the mean over the rows is 1."""

    def weights(self, *counts: float) -> torch.Tensor:
        return self.part(self.spec(), torch.tensor(counts))

    def test_the_rarer_the_heavier(self) -> None:
        found = self.weights(*COUNTS)
        assert found.shape == (3,) and bool((found > 0).all())
        assert bool((found.diff() >= 0).all())

    def test_the_mean_over_the_rows_is_one(self) -> None:
        found, counts = self.weights(*COUNTS), torch.tensor(COUNTS)
        assert float((found * counts).sum() / counts.sum()) == pytest.approx(1, abs=1e-5)

    def test_equal_classes_all_weigh_one(self) -> None:
        torch.testing.assert_close(self.weights(7, 7, 7), torch.ones(3))

    def test_a_class_without_rows_is_no_division_by_zero(self) -> None:
        assert bool(self.weights(10, 0, 5).isfinite().all())
