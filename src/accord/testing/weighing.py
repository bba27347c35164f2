"""Contracts of what makes training robust: losses of residuals, weights of rows."""

from __future__ import annotations

from typing import Any

import torch

from accord.objective.reweighed import Weighing
from accord.objective.robust.setting import TrainingRows
from accord.testing.contract import Contract

ROWS = 12


class RegressionLossContract(Contract):
    """A finite loss for each residual by itself, least where the loss says the target is met."""

    def loss(self) -> Any:
        return self.part(self.spec())

    def test_each_residual_has_a_finite_loss_with_a_finite_gradient(self) -> None:
        residuals = torch.tensor([-1e4, -1.0, -1e-3, 0.0, 1e-3, 1.0, 1e4]).requires_grad_()
        found = self.loss()(residuals)
        assert found.shape == (7,) and bool((found >= 0).all()) and bool(found.isfinite().all())
        found.sum().backward()
        assert residuals.grad is not None and bool(residuals.grad.isfinite().all())

    def test_rows_do_not_look_at_each_other(self) -> None:
        rows, loss = torch.linspace(-3, 3, 13), self.loss()
        torch.testing.assert_close(loss(rows), torch.cat([loss(row[None]) for row in rows]))

    def test_the_further_off_the_dearer(self) -> None:
        far = torch.tensor([0.0, 0.1, 0.5, 2.0, 8.0])
        for side in (far, -far):
            assert bool((self.loss()(side).diff() > 0).all())


class RobustContract(Contract):
    """Factors of rows that hang on nothing but the rows and what was settled before."""

    def weighing(self) -> Weighing:
        values = dict.fromkeys(self.spec().looks_at, ("a", "b"))
        counts = {name: torch.tensor([90, 10]) for name in values}
        rows = TrainingRows(("x", "y"), torch.tensor([60, 40]), values, counts)
        return self.part(self.spec(), rows)

    def batch(self, seed: int = 0) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Losses [ROWS] and columns of a global batch."""
        chance = torch.Generator().manual_seed(seed)
        columns = {
            "rows": torch.arange(ROWS),
            "labels": torch.arange(ROWS) % 2,
            "weight": torch.ones(ROWS, dtype=torch.float64),
        }
        for name in self.spec().looks_at:
            columns[f"carried:{name}"] = (torch.arange(ROWS) % 4 == 0).long()
        return torch.rand(ROWS, generator=chance, dtype=torch.float64), columns

    def test_factors_are_finite_and_not_all_zero(self) -> None:
        found = self.weighing().weigh(*self.batch())
        assert found.shape == (ROWS,) and bool(found.isfinite().all())
        assert bool((found >= 0).all()) and bool((found > 0).any())

    def test_the_order_of_the_rows_changes_nothing(self) -> None:
        losses, columns = self.batch()
        order = torch.randperm(ROWS, generator=torch.Generator().manual_seed(1))
        moved = {name: column[order] for name, column in columns.items()}
        whole = self.weighing().weigh(losses, columns)
        torch.testing.assert_close(self.weighing().weigh(losses[order], moved), whole[order])

    def test_weighing_again_before_the_step_is_done_gives_the_same(self) -> None:
        weighing = self.weighing()
        first = weighing.weigh(*self.batch())
        assert torch.equal(weighing.weigh(*self.batch()), first)

    def test_what_was_saved_goes_on_as_if_never_stopped(self) -> None:
        one, other = self.weighing(), self.weighing()
        for seed in range(4):
            one.weigh(*self.batch(seed))
            one.settle()
        other.restore({name: tensor.clone() for name, tensor in one.state().items()})
        for seed in range(4, 8):
            assert torch.equal(one.weigh(*self.batch(seed)), other.weigh(*self.batch(seed)))
            one.settle()
            other.settle()

    def test_losses_that_are_not_finite_do_not_live_on(self) -> None:
        weighing = self.weighing()
        losses, columns = self.batch()
        weighing.weigh(torch.full_like(losses, torch.nan), columns)
        weighing.settle()
        assert bool(weighing.weigh(losses, columns).isfinite().all())
