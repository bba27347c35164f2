"""At first only the head learns: the rest stays bit for bit, then learns; it can be stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from accord.errors import Interrupted
from accord.optimizer.groups import Rates, parameter_groups
from tests.laws import models, prepared
from tests.laws.fitting import run_fit
from tests.laws.test_fit_laws import largest_difference, weights

HEAD = ("classifier", "bert.pooler")


def fitted(data: Path, folder: Path, **train: Any) -> nn.Module:
    return run_fit(models.tiny_bert(dropout=0.1), data, folder, train=train)[0].model


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepared.classification(tmp_path_factory.mktemp("data"), 40)


def test_below_the_head_nothing_moves_before_its_step(data: Path, tmp_path: Path) -> None:
    start = weights(models.tiny_bert())
    first = weights(fitted(data, tmp_path / "a", steps=6, probe=0.99, schedule="constant"))
    moved = {name for name in start if not torch.equal(start[name], first[name])}
    assert moved and all(name.startswith(HEAD) for name in moved)
    later = weights(fitted(data, tmp_path / "b", steps=6, probe=0.5, schedule="constant"))
    assert not any(torch.equal(start[name], later[name]) for name in start if ".query." in name)


def test_the_zero_changes_nothing_and_the_head_rate_is_the_heads(data: Path) -> None:
    model = models.tiny_bert()
    plain = parameter_groups(model, Rates(1e-3, 0.01))
    assert {(g["lr"], g["begins"]) for g in plain} == {(1e-3, 0)}
    for group in parameter_groups(model, Rates(1e-3, 0.01, None, 10.0, 5)):
        is_head = [name.startswith(HEAD) for name in group["names"]]
        assert all(is_head) or not any(is_head)
        assert (group["lr"], group["begins"]) == ((1e-2, 0) if is_head[0] else (1e-3, 5))


def test_stopped_within_the_probe_it_ends_as_if_it_never_was(data: Path, tmp_path: Path) -> None:
    train = {"epochs": 2, "probe": 0.5, "head_rate": 5.0}
    whole = fitted(data, tmp_path / "whole", **train)
    for stop in (2, 7):
        calls, work = iter(range(1000)), tmp_path / f"parts-{stop}"
        with pytest.raises(Interrupted):
            run_fit(
                models.tiny_bert(dropout=0.1), data, work, train=train,
                interrupted=lambda calls=calls, stop=stop: next(calls) == stop,
            )  # fmt: skip
        assert largest_difference(whole, fitted(data, work, **train)) == 0
