"""A private gradient is what one backward pass a row gives: cut, summed, noised, divided."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn

from accord.batch.team import Alone
from accord.errors import ModelError
from accord.optimizer.movement import Movement
from accord.part import find
from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.noise import LATTICE
from accord.privacy.piece import HALVED_FROM, Product, Room
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from accord.privacy.tape import Tape
from tests.privacy.models import (
    FAMILIES,
    LAYERS,
    ROWS,
    SLOW,
    WIDTH,
    Batch,
    Curved,
    build,
    table,
    vectors,
)

MARGIN = 1 - 2.0**-14


def plan(**changed: Any) -> PrivacyPlan:
    given = {
        "noise_multiplier": 0.0,
        "sampling_probability": 0.1,
        "expected_batch": 4.0,
        "steps": 10,
        "clipping": FlatSpec(norm=1.0),
        "secret": b"s" * 32,
    }
    return PrivacyPlan(**(given | changed))


def gradient_of(
    private: PrivateGradient, model: nn.Module, batches: list[Batch], arithmetic: Any = nullcontext
) -> dict[str, torch.Tensor]:
    private(model, Curved(), batches, arithmetic=arithmetic, scale=1.0)
    found = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    return found


def by_row(model: nn.Module, batch: Batch) -> list[dict[str, torch.Tensor]]:
    """Each row's gradient by one backward pass."""
    found = []
    for row in range(len(batch["rows"])):
        model.zero_grad()
        Curved().losses(model, {n: v[row : row + 1] for n, v in batch.items()}).sum().backward()
        trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        found.append(
            {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in trained.items()}
        )
    model.zero_grad()
    return found


def norm_of(gradient: dict[str, torch.Tensor]) -> float:
    return float(nn.utils.get_total_norm(gradient.values()))


def summed(
    rows: list[dict[str, torch.Tensor]], factor: Callable[[float], float]
) -> dict[str, torch.Tensor]:
    factors = [factor(norm_of(row)) for row in rows]
    return {n: sum(f * row[n] for f, row in zip(factors, rows, strict=True)) for n in rows[0]}  # type: ignore[misc]


def assert_same(got: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert got.keys() == expected.keys()
    size = norm_of(expected)
    for name, value in expected.items():
        assert float((got[name] - value).norm()) <= 1e-5 * size, name


@pytest.mark.parametrize("length", [1, 6, HALVED_FROM - 1, HALVED_FROM, HALVED_FROM + 1])
def test_a_norm_through_gram_matrices_is_that_of_the_gradient(length: int) -> None:
    left, right = torch.randn(3, length, 7), torch.randn(3, length, 5)
    found, room = Product(left, right).squares(Room()), Room()
    whole = (left.transpose(1, 2) @ right).square().sum((1, 2))
    assert torch.allclose(found, whole, rtol=1e-5)
    # an input that was read before, and another of its shape, each with its own
    for other in (right, right.clone().mul_(2), right):
        squares = (left.transpose(1, 2) @ other).square().sum((1, 2))
        assert torch.allclose(Product(left, other).squares(room), squares, rtol=1e-5)


@pytest.mark.parametrize("name", [*LAYERS, *FAMILIES])
def test_the_sum_is_that_of_rows_one_at_a_time(name: str) -> None:
    model, batch = build(name)
    rows = by_row(model, batch)
    middle = sorted(map(norm_of, rows))[ROWS // 2]  # some rows are cut, some are not
    private = PrivateGradient(plan(clipping=FlatSpec(norm=middle)))
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        got = gradient_of(private, model, [batch])
    assert (private.slow is not None) == (name in SLOW), private.slow
    expected = summed(rows, lambda norm: min(1.0, MARGIN * middle / norm) / 4)
    assert_same(got, expected)


@pytest.mark.parametrize("name", ["bert", "gpt2", "conv2d"])
def test_no_tape_outlives_its_step(name: str) -> None:
    model, batch = build(name)
    before = {id(kept) for kept in gc.get_objects() if isinstance(kept, Tape)}
    gradient_of(PrivateGradient(plan()), model, [batch])
    gc.collect()
    assert not [k for k in gc.get_objects() if isinstance(k, Tape) and id(k) not in before]


@pytest.mark.parametrize("name", ["tied-embedding", "llama", "conv2d"])
def test_micro_batches_of_any_size_change_nothing(name: str) -> None:
    model, batch = build(name)
    whole = gradient_of(PrivateGradient(plan()), model, [batch])
    for sizes in ([1, 4], [2, 0, 3], [1] * ROWS):
        parts = [
            dict(zip(batch, p, strict=True))
            for p in zip(*(v.split(sizes) for v in batch.values()), strict=True)
        ]
        parts = [part for part in parts if len(part["rows"])]
        assert_same(gradient_of(PrivateGradient(plan()), model, parts), whole)


def test_the_zero_is_the_ordinary_gradient() -> None:
    model, batch = build("bert")
    private = PrivateGradient(plan(clipping=FlatSpec(norm=float("inf")), expected_batch=ROWS))
    got = gradient_of(private, model, [batch])
    Curved().losses(model, batch).mean().backward()
    expected = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    assert_same({n: got[n] for n in expected}, expected)
    assert all(not value.any() for name, value in got.items() if name not in expected)


@pytest.mark.parametrize("name", ["gpt2", "tied-embedding", "conv2d", "attention"])
def test_a_row_changes_no_other_rows_part(name: str) -> None:
    model, batch = build(name)
    other = {n: v.clone() for n, v in batch.items()}
    column = next(n for n in batch if n != "rows")
    other[column][2] = other[column][3]
    before = gradient_of(PrivateGradient(plan()), model, [batch])
    after = gradient_of(PrivateGradient(plan()), model, [other])
    rows, others = by_row(model, batch), by_row(model, other)
    cut = lambda norm: min(1.0, MARGIN / norm) / 4  # noqa: E731
    moved = summed([rows[2]], cut), summed([others[2]], cut)
    difference = {n: moved[1][n] - moved[0][n] for n in before}
    assert_same({n: after[n] - before[n] for n in before}, difference)


@pytest.mark.parametrize("kind", ["flat", "per-layer", "automatic", "adaptive"])
def test_no_unit_counts_for_more_than_the_norm(kind: str) -> None:
    model, batch = build("llama")
    spec = find("clipping", kind).spec(kind=kind, norm=0.3)
    for row in range(ROWS):
        one = {n: v[row : row + 1] for n, v in batch.items()}
        private = PrivateGradient(plan(clipping=spec, expected_batch=1.0))
        assert norm_of(gradient_of(private, model, [one])) <= 0.3


def test_each_layer_is_cut_by_itself() -> None:
    model, batch = build("linear")
    spec = find("clipping", "per-layer").spec(kind="per-layer", norm=0.5)
    got = gradient_of(PrivateGradient(plan(clipping=spec)), model, [batch])
    rows = by_row(model, batch)
    for layer in ("before", "layer"):
        own = [{n: v for n, v in row.items() if n.startswith(layer)} for row in rows]
        expected = summed(own, lambda norm: min(1.0, MARGIN * 0.5 / 2**0.5 / norm) / 4)
        assert_same({n: got[n] for n in expected}, expected)


def test_units_of_several_rows_are_cut_as_one() -> None:
    model, batch = build("gpt2")
    four = {n: v[:4] for n, v in batch.items()}
    rows = by_row(model, four)
    pairs = [{n: a[n] + b[n] for n in a} for a, b in (rows[:2], rows[2:])]
    got = gradient_of(PrivateGradient(plan(rows_per_unit=2)), model, [four])
    assert_same(got, summed(pairs, lambda norm: min(1.0, MARGIN / norm) / 4))


def test_a_row_of_nonsense_is_left_out_and_nothing_else() -> None:
    model, batch = build("linear-long")
    spoiled = {n: v.clone() for n, v in batch.items()}
    spoiled["x"][1] = torch.nan
    others = {n: v[[0, 2, 3, 4]] for n, v in batch.items()}
    private = PrivateGradient(plan())
    gradient_of(private, model, [batch])
    got = gradient_of(private, model, [spoiled])
    assert_same(got, gradient_of(PrivateGradient(plan()), model, [others]))


def test_bf16_stays_within_the_norm() -> None:
    model, batch = build("bert")

    def arithmetic() -> Any:
        return torch.autocast("cpu", torch.bfloat16)

    private = PrivateGradient(plan(clipping=FlatSpec(norm=0.3)))
    got = gradient_of(private, model, [batch], arithmetic)
    assert private.slow is None
    expected = gradient_of(PrivateGradient(plan(clipping=FlatSpec(norm=0.3))), model, [batch])
    size = norm_of(expected)
    assert norm_of({n: got[n] - expected[n] for n in expected}) < 0.05 * size
    one = {n: v[:2] for n, v in batch.items()}
    pair = gradient_of(PrivateGradient(plan(clipping=FlatSpec(norm=0.3))), model, [one], arithmetic)
    assert norm_of(pair) <= 2 * 0.3 / 4


@pytest.mark.parametrize(
    "layer", [nn.BatchNorm1d(WIDTH), nn.InstanceNorm1d(WIDTH, track_running_stats=True)]
)
def test_layers_that_mix_rows_are_refused(layer: nn.Module) -> None:
    model = nn.Sequential(nn.Linear(WIDTH, WIDTH), layer)
    with pytest.raises(ModelError, match="GroupNorm") as caught:
        gradient_of(PrivateGradient(plan()), model, [vectors(WIDTH)])
    assert caught.value.code == "privacy-mixing"


class _Mixed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x - x.mean(0))


def test_a_model_that_mixes_rows_in_its_own_way_is_refused() -> None:
    with pytest.raises(ModelError, match="depends on the rows beside it"):
        gradient_of(PrivateGradient(plan()), _Mixed(), [vectors()])


def test_weights_without_a_number_are_no_trained_ones() -> None:
    """A table without categories has a bias for none of them."""
    model, batch = table(())
    private = PrivateGradient(plan(noise_multiplier=1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        private(model, Curved(), [batch], arithmetic=nullcontext, scale=1.0)
    movement = Movement.of({n: p for n, p in model.named_parameters() if p.requires_grad})
    assert "category_bias" in dict(model.named_parameters())
    assert movement.before().keys() == dict(model.named_parameters()).keys() - {"category_bias"}


class _Others(Alone):
    """Another process, whose part of the sum is off every lattice."""

    size = 2

    def add(self, tensors: Sequence[torch.Tensor]) -> None:
        for tensor in tensors:
            tensor.add_(torch.linspace(0.1, 0.3, tensor.numel()).view_as(tensor))


def test_secure_noise_comes_behind_what_other_processes_add() -> None:
    """Else their part would stand in the lowest bits of what is released."""
    model, batch = build("linear")
    given = plan(noise_multiplier=1.0, secure_noise=True)  # norm 1, batch 4: powers of two
    got = gradient_of(PrivateGradient(given, team=_Others()), model, [batch])
    released = torch.cat([value.flatten() for value in got.values()]).double() * 4
    counted = released * 2.0**LATTICE
    exact = counted.abs() < 2**24  # what fp32 holds to the last unit
    assert exact.sum() > 10
    assert torch.equal(counted[exact], counted[exact].round())
