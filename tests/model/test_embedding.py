"""An embedding that keeps its gradient's memory learns as an ordinary one does, bit for bit."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from accord.model import embedding
from accord.model.embedding import RowEmbedding, keep_gradients
from accord.objective.gradient import accumulate
from accord.parallel.held import Undivided
from accord.parallel.learner import Learner

OPTIMIZERS = {
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, fused=True),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
    "adafactor": lambda p: torch.optim.Adafactor(p, lr=0.1),
}


class _Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(50, 8, padding_idx=0)
        self.head = nn.Linear(8, 1)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.head(self.table(ids)).sum()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "LARGE", 1)


def _learner(model: nn.Module, kind: str) -> Learner:
    optimizer = OPTIMIZERS[kind](model.parameters())
    scaler = torch.amp.GradScaler("cpu", enabled=False)
    return Learner(Undivided(model), optimizer, scaler, None, accumulate)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_it_learns_the_same(kind: str) -> None:
    torch.manual_seed(0)
    plain = _Model()
    kept = copy.deepcopy(plain)
    keep_gradients(kept)
    assert type(kept.table) is RowEmbedding
    learners = [_learner(plain, kind), _learner(kept, kind)]
    for step in range(6):
        batches = [torch.randint(0, 50, (3, 4)) for _ in range(3)]
        for learner in learners:
            for ids in batches:
                loss = learner.model(ids) * (torch.nan if step == 2 else 1.0)
                loss.backward()
            norm = learner.update(float(loss), 0.5)
            assert (norm != norm) == (step == 2)
        for (name, a), b in zip(plain.named_parameters(), kept.parameters(), strict=True):
            assert torch.equal(a, b), (step, name)


@pytest.mark.usefixtures("small")
def test_its_gradient_is_the_whole_tables() -> None:
    torch.manual_seed(1)
    plain = _Model()
    kept = copy.deepcopy(plain)
    keep_gradients(kept)
    for _ in range(3):
        ids = torch.randint(0, 50, (5, 7))
        for model in (plain, kept):
            model.zero_grad()
            model(ids).backward()
        assert plain.table.weight.grad is not None and kept.table.weight.grad is not None
        assert torch.equal(plain.table.weight.grad, kept.table.weight.grad)
    memory = kept.table.weight.grad.data_ptr()
    kept.zero_grad()
    kept(ids).backward()
    assert kept.table.weight.grad.data_ptr() == memory


@pytest.mark.usefixtures("small")
def test_tied_frozen_and_other_tables_are_left_alone() -> None:
    tied = _Model()
    tied.head = nn.Linear(8, 50, bias=False)
    tied.head.weight = tied.table.weight
    frozen = _Model().requires_grad_(False)
    sparse = nn.Sequential(nn.Embedding(9, 2, sparse=True), nn.Embedding(9, 2, max_norm=1.0))
    for model in (tied, frozen, sparse):
        keep_gradients(model)
        assert not any(isinstance(module, RowEmbedding) for module in model.modules())


def test_small_tables_are_left_alone() -> None:
    model = _Model()
    keep_gradients(model)
    assert type(model.table) is nn.Embedding
