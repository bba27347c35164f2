"""Banded noise: its law, its sensitivity by brute force, its figures, and what it does in a run."""

from __future__ import annotations

from itertools import combinations, pairwise, product
from pathlib import Path

import numpy as np
import pytest
import torch

from accord.agreement.ledger.account import Account
from accord.agreement.ledger.ledger import Ledger
from accord.privacy.chain import Chain
from accord.privacy.correlated import Correlated
from accord.privacy.factorise import banded_column, mean_error
from accord.privacy.noise import Noise
from accord.privacy.private import PrivateGradient
from accord.train import releases
from tests.laws.private_runs import STEPS, Crash, lay_out, recipe, trained, weights
from tests.privacy.models import build
from tests.privacy.test_gradient import gradient_of, plan

NOISE = Noise(b"s" * 32, secure=False)


def toeplitz(column: tuple[float, ...], size: int) -> np.ndarray:
    found = np.zeros((size, size))
    for back, share in enumerate(column):
        found += share * np.eye(size, k=-back)
    return found


@pytest.mark.parametrize(
    ("steps", "bands", "error"),
    [(100, 4, 15.336178171), (100, 10, 8.681873899), (1000, 8, 69.749929598)],
)
def test_the_error_is_the_least_there_is(steps: int, bands: int, error: float) -> None:
    """Figures of `optimize_banded_toeplitz` and `loss` in jax-privacy 2.0 (McKenna, 2024)."""
    column = np.array(banded_column(bands, steps))
    assert mean_error(column, steps) == pytest.approx(error, rel=1e-6)
    matrix = toeplitz(tuple(column), steps)
    sums = np.tril(np.ones((steps, steps))) @ np.linalg.inv(matrix)
    assert (sums**2).sum() / steps == pytest.approx(error, rel=1e-6)
    assert mean_error(np.ones(1), steps) == (steps + 1) / 2  # of DP-SGD


def test_noise_has_the_covariance_of_the_factorisation() -> None:
    column, steps, values = banded_column(3, 6), 6, 200_000
    noise = Correlated(NOISE, column)
    drawn = []
    for step in range(steps):
        noise.add_to(Chain.of([total := torch.zeros(values)]), 2.0, step)
        drawn.append(total.numpy() / 2.0)
    matrix = toeplitz(column, steps)
    expected = np.linalg.inv(matrix.T @ matrix)
    found = np.cov(np.stack(drawn))
    assert np.abs(found - expected).max() < 6 * expected.max() / values**0.5
    white = matrix @ np.stack(drawn)
    assert np.abs(np.cov(white) - np.eye(steps)).max() < 6 / values**0.5


@pytest.mark.parametrize(("bands", "apart"), [(3, 3), (2, 3), (1, 2)])
def test_no_pattern_of_parts_exceeds_what_is_charged(bands: int, apart: int) -> None:
    steps = 7
    matrix = toeplitz(banded_column(bands, steps, 0.9), steps)
    worst: dict[int, float] = {}
    for count in range(1, steps + 1):
        for parts in combinations(range(steps), count):
            if any(b - a < apart for a, b in pairwise(parts)):
                continue
            for signs in product((-1, 1), repeat=count):
                moved = np.linalg.norm(matrix[:, parts] @ np.array(signs))
                worst[count] = max(worst.get(count, 0.0), float(moved))
    for count, moved in worst.items():
        assert moved <= count**0.5 + 1e-9
    assert worst[1] == pytest.approx(1)


def test_one_band_is_noise_of_every_steps_own() -> None:
    model, batch = build("linear")
    single = PrivateGradient(plan(noise_multiplier=1.0, column=banded_column(1, 10, 0.9)))
    plain = PrivateGradient(plan(noise_multiplier=1.0))
    for _ in range(3):
        one, other = (gradient_of(private, model, [batch]) for private in (single, plain))
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_resumed_run_goes_on_with_the_same_noise() -> None:
    model, batch = build("linear")
    changed = {"noise_multiplier": 1.0, "column": banded_column(4, 10, 0.9)}
    whole = PrivateGradient(plan(**changed))
    found, states = [], []
    for _ in range(7):
        states.append(dict(whole.state()))
        found.append(gradient_of(whole, model, [batch]))
    again = PrivateGradient(plan(**changed))
    for step in (5, 6, 2):  # resumed, gone on, gone back
        if step != 6:
            again.restore(states[step])
        got = gradient_of(again, model, [batch])
        assert all(torch.equal(got[name], found[step][name]) for name in got)


def test_a_run_is_charged_by_its_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.setattr(releases, "token_bytes", lambda size: b"\7" * size)
    place = lay_out(tmp_path)
    made = recipe(place, "a.yaml", noise_multiplier=12, mechanism={"kind": "banded", "bands": 3})
    made["train"]["batch_size"] = 30  # of 160: six steps an epoch, so 15 steps are three passes

    def dying(event: dict[str, object]) -> None:
        if event["event"] == "step" and event["step"] == 8:
            raise Crash

    privacy = trained(place, "whole", made)["privacy"]
    with pytest.raises(Crash):
        trained(place, "killed", made, heard=dying)
    trained(place, "killed", made, resume=True)
    assert weights(place, "killed") == weights(place, "whole")
    ((mechanism),) = privacy["mechanisms"]
    passes = -(-STEPS // 6)
    assert (mechanism["sampling"], mechanism["steps"]) == ("none", passes)
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        ((charged, count),) = ledger.balance(Account("a", "a")).charged
    assert (charged.sampling, charged.noise_multiplier, count) == ("none", 12, 2 * passes)
