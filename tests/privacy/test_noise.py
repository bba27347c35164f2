"""Noise: of the right size and shape, of its own in every step, the same for the same step."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from scipy import stats

from accord.errors import RecipeError
from accord.part import find
from accord.privacy.chain import Chain
from accord.privacy.correlated import Correlated
from accord.privacy.noise import CHUNK, Noise
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from tests.privacy.models import Curved, build

COUNT = 2 * CHUNK + 12_345


def drawn(secret: bytes = b"s" * 32, *, secure: bool = False, step: int = 3) -> torch.Tensor:
    total = torch.zeros(COUNT)
    Noise(secret, secure).add_to(Chain.of([total]), 2.5, step)
    return total


@pytest.mark.parametrize("secure", [False, True])
def test_noise_is_normal_with_the_deviation_asked_for(secure: bool) -> None:
    values = drawn(secure=secure).double()
    assert stats.kstest(values.numpy(), stats.norm(scale=2.5).cdf).pvalue > 1e-3
    # the variance of a sample of n has a deviation of sqrt(2 / n)
    assert abs(float(values.var()) / 2.5**2 - 1) < 5 * math.sqrt(2 / COUNT)
    assert abs(float(values.mean())) < 5 * 2.5 / math.sqrt(COUNT)
    beyond = int((values.abs() > 4 * 2.5).sum())
    expected = COUNT * 2 * float(stats.norm.sf(4))
    assert abs(beyond - expected) < 6 * math.sqrt(expected)


@pytest.mark.parametrize("secure", [False, True])
def test_steps_runs_and_places_are_independent(secure: bool) -> None:
    first = drawn(secure=secure)
    others = [
        drawn(secure=secure, step=4),
        drawn(b"t" * 32, secure=secure),
        drawn(secure=not secure),
        first.roll(1),
        first.roll(CHUNK // 2),  # the other half of one draw of Box and Muller
        first.roll(CHUNK),
    ]
    for other in others:
        for of in (torch.clone, torch.abs):  # dependent pairs may be uncorrelated
            pair = torch.stack([of(first), of(other)])
            assert abs(float(torch.corrcoef(pair)[0, 1])) < 5 / math.sqrt(COUNT)


@pytest.mark.parametrize("secure", [False, True])
def test_the_same_step_has_the_same_noise(secure: bool) -> None:
    assert torch.equal(drawn(secure=secure), drawn(secure=secure))


@pytest.mark.parametrize("secure", [False, True])
def test_parts_have_the_noise_of_the_whole(secure: bool) -> None:
    """Wherever one weight ends: in a half of a draw, at its border, beyond several."""
    sizes = [(1,), (7, 3), (CHUNK // 2 - 22,), (CHUNK, 1), (), (CHUNK // 2 + 1,)]
    parts = [torch.zeros(size) for size in sizes]
    parts.append(torch.zeros(COUNT - sum(part.numel() for part in parts)))
    Noise(b"s" * 32, secure).add_to(Chain.of(parts), 2.5, 3)
    assert torch.equal(torch.cat([part.flatten() for part in parts]), drawn(secure=secure))


def shards_of(parts: list[torch.Tensor], rank: int) -> Chain:
    """Rows of each that one of two processes holds, at their places."""
    places, start = list[tuple[int, torch.Tensor]](), 0
    for part in parts:
        rows = -(-len(part) // 2) * rank
        own = part.chunk(2)[rank].clone() if rows < len(part) else part[:0].clone()
        places.append((start + rows * part[0].numel(), own))
        start += part.numel()
    return Chain(start, places)


@pytest.mark.parametrize(("secure", "column"), [(False, (1.0,)), (True, (1.0,)), (True, (1, 0.4))])
def test_shards_have_the_noise_of_the_whole(secure: bool, column: tuple[float, ...]) -> None:
    sizes = [(7, 3), (1, 5), (CHUNK + 3, 1), (3, 2, 2), (CHUNK // 2 + 1,)]
    parts = [torch.randn(size) for size in sizes]
    shards = [shards_of(parts, rank) for rank in range(2)]
    alone, several = (Correlated(Noise(b"s" * 32, secure), column) for _ in range(2))
    for step in range(3):
        alone.add_to(Chain.of(parts), 0.3, step)
    for shard in shards:
        several.recent.clear()
        for step in range(3):
            several.add_to(shard, 0.3, step)
    for part, *own in zip(parts, *(shard.tensors for shard in shards), strict=True):
        assert torch.equal(torch.cat(own), part)


def test_secure_noise_leaves_whole_steps_of_a_lattice() -> None:
    total = torch.linspace(-3, 3, 1000)
    before = total.clone()
    Noise(b"s" * 32, True).add_to(Chain.of([total]), 1.0, 0)
    steps = total.double() * 2.0**20  # fp32 holds these of the lattice of 2^-24
    assert torch.allclose(steps * 16, (steps * 16).round(), atol=0)
    assert float((total - before).std()) == pytest.approx(1.0, abs=0.15)


def plan(**changed: Any) -> PrivacyPlan:
    given = {
        "noise_multiplier": 1.5, "sampling_probability": 0.1, "expected_batch": 4.0, "steps": 10,
        "clipping": find("clipping", "flat").spec(norm=0.2), "secret": b"s" * 32,
    }  # fmt: skip
    return PrivacyPlan(**(given | changed))


def step_of(private: PrivateGradient, model: Any, batches: list[Any]) -> torch.Tensor:
    private(model, Curved(), batches, arithmetic=nullcontext, scale=1.0)
    return torch.cat([p.grad.flatten().clone() for p in model.parameters()])


def test_a_step_without_rows_is_noise_of_its_full_size() -> None:
    model, _ = build("gpt2")
    found = torch.cat([step_of(PrivateGradient(plan(), step=n), model, []) for n in range(20)])
    size = float(found.std())
    assert size == pytest.approx(1.5 * 0.2 / 4, rel=5 / math.sqrt(2 * len(found)))


def test_the_divisor_knows_nothing_of_the_batch() -> None:
    model, batch = build("linear")
    two = {n: v[:2] for n, v in batch.items()}
    noise = step_of(PrivateGradient(plan()), model, [])
    for rows in (batch, two):
        plain = step_of(PrivateGradient(plan(noise_multiplier=0.0)), model, [rows])
        assert torch.allclose(step_of(PrivateGradient(plan()), model, [rows]), plain + noise)


@pytest.mark.parametrize("kind", ["flat", "adaptive"])
def test_a_resumed_run_goes_on_and_a_replayed_step_is_the_same(kind: str) -> None:
    model, batch = build("linear")
    spec = find("clipping", kind).spec(norm=0.2)
    private = PrivateGradient(plan(clipping=spec, expected_batch=40.0))
    first = step_of(private, model, [batch])
    saved = {name: value.clone() for name, value in private.state().items()}
    second = step_of(private, model, [batch])
    again = PrivateGradient(plan(clipping=spec, expected_batch=40.0))
    again.restore(saved)
    assert torch.equal(step_of(again, model, [batch]), second)
    assert not torch.equal(first, second)
    assert private.state().keys() == again.state().keys()
    assert all(torch.equal(v, again.state()[n]) for n, v in private.state().items())


def test_an_adaptive_norm_finds_its_quantile() -> None:
    model, batch = build("linear")
    spec = find("clipping", "adaptive").spec(norm=1e-3, quantile=0.6, rate=0.5, count_noise=0.01)
    private = PrivateGradient(plan(noise_multiplier=1e-3, clipping=spec, expected_batch=5.0))
    for _ in range(60):
        step_of(private, model, [batch])
    norms = []
    for row in range(5):
        one = {n: v[row : row + 1] for n, v in batch.items()}
        flat = find("clipping", "flat").spec(norm=1e9)
        alone = PrivateGradient(plan(noise_multiplier=0.0, clipping=flat, expected_batch=1.0))
        norms.append(float(step_of(alone, model, [one]).norm()))
    low, high = sorted(norms)[2:4]
    assert low * 0.99 <= private.clip.norm <= high * 1.01


@pytest.mark.parametrize("start", [1e-3, 1.0, 1e3])
def test_where_an_adaptive_norm_starts_hardly_matters(start: float) -> None:
    spec = find("clipping", "adaptive").spec(norm=start, quantile=0.5)
    found = find("clipping", "adaptive")(spec, plan(expected_batch=100.0))
    squares = torch.linspace(1.0, 3.0, 101)[None] ** 2
    for _ in range(40):
        found.factors(squares, 0.0)
        found.settle(0.0)
    assert found.norm == pytest.approx(2.0, rel=0.25)
    assert find("clipping", "adaptive")(spec, plan(expected_batch=4.0, noise_multiplier=9.0))


def test_the_noisy_count_stands_on_a_lattice() -> None:
    adaptive = find("clipping", "adaptive")
    norms: list[float] = []
    for deviate in (0.3, 0.3 + 1e-9, 0.3 + 1e-6):
        clip = adaptive(adaptive.spec(norm=1.0, count_noise=3.0), plan(expected_batch=10.0))
        clip.factors(torch.ones(1, 7), 0.0)
        clip.settle(deviate)
        norms.append(clip.norm)
    assert norms[0] == norms[1] != norms[2]


def test_the_count_takes_its_part_of_the_noise() -> None:
    spec = find("clipping", "adaptive").spec(norm=1.0, count_noise=2.0)
    found = PrivateGradient(plan(clipping=spec)).clip.noise_multiplier(1.5)
    assert found > 1.5
    # both releases together: one Gaussian mechanism of sensitivity sqrt(z'^-2 + (2 s)^-2)
    assert math.sqrt(found**-2 + (2 * 2.0) ** -2) == pytest.approx(1 / 1.5)
    with pytest.raises(RecipeError, match="count"):
        PrivateGradient(plan(clipping=find("clipping", "adaptive").spec(count_noise=0.7)))
