"""A private gradient is what one backward pass a row gives: cut, summed, noised, divided."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn

from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from tests.privacy.models import FAMILIES, LAYERS, ROWS, SLOW, Batch, Curved, build

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
