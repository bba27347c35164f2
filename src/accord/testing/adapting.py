"""The contract of adapters."""

from __future__ import annotations

import torch
from torch import nn

from accord.batch import collate
from accord.part import find
from accord.testing.contract import Contract
from accord.testing.tiny import tiny_model, tiny_rows, tiny_schema


class AdapterContract(Contract):
    """Trains something, starts where the base stands, and keeps the weights it freezes."""

    problem: str = "single-label"

    def adapted(self) -> nn.Module:
        state = torch.get_rng_state()
        torch.manual_seed(0)
        model = self.part(self.spec(), tiny_model(self.problem))
        torch.set_rng_state(state)
        return model

    def _loss(self, model: nn.Module) -> torch.Tensor:
        schema = tiny_schema(self.problem)
        part = find("objective", self.problem)
        objective = part(part.spec(kind=self.problem), label_smoothing=0.0, schema=schema)
        return objective.loss(model, collate(tiny_rows(self.problem), schema))

    def test_it_starts_where_the_base_stands(self) -> None:
        with torch.no_grad():
            adapted = self._loss(self.adapted().eval())
            base = self._loss(tiny_model(self.problem).eval())
        torch.testing.assert_close(adapted, base)

    def test_a_gradient_reaches_every_trained_weight(self) -> None:
        model = self.adapted()
        trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
        assert trained
        self._loss(model).backward()
        assert not [name for name, p in trained.items() if p.grad is None]
        frozen = [p for p in model.parameters() if not p.requires_grad]
        assert all(p.grad is None for p in frozen)

    def test_steps_lower_the_loss(self) -> None:
        model = self.adapted()
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(trained, lr=1e-2)
        losses: list[float] = []
        for _ in range(5):
            optimizer.zero_grad()
            loss = self._loss(model)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < losses[0]

    def test_the_same_seed_gives_the_same_weights(self) -> None:
        first, second = self.adapted().state_dict(), self.adapted().state_dict()
        assert first.keys() == second.keys()
        assert all(torch.equal(first[name], second[name]) for name in first)
