"""Every detector finds what is planted, keeps to its definition, and knows no order of rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.outlier.found import Found
from accord.part import find, parts

VALUEWISE = ("z-score", "mad", "iqr")
ROWWISE = ("mahalanobis", "isolation-forest", "lof", "ecod")
WILD = [3, 50, 120]


def judged(kind: str, values: np.ndarray, **options: object) -> Found:
    part = find("outlier", kind)
    return part(part.spec(kind=kind, **options), values, 0)


def planted() -> np.ndarray:
    values = np.random.default_rng(0).normal(size=(150, 3))
    values[WILD] += 12
    return values


def test_all_are_tried() -> None:
    assert set(parts("outlier")) == {*VALUEWISE, *ROWWISE, "hampel"}


@pytest.mark.parametrize("kind", [*VALUEWISE, *ROWWISE])
def test_wild_rows_are_found(kind: str) -> None:
    found = judged(kind, planted())
    assert found.rows[WILD].all()
    assert found.rows.mean() < 0.1


@pytest.mark.parametrize("kind", [*VALUEWISE, "mahalanobis", "ecod", "lof"])
def test_order_of_rows_is_nothing(kind: str) -> None:
    values = planted()
    order = np.random.default_rng(1).permutation(len(values))
    assert (judged(kind, values[order]).rows == judged(kind, values).rows[order]).all()


@pytest.mark.parametrize("kind", [*VALUEWISE, *ROWWISE])
def test_a_missing_value_is_not_outlying(kind: str) -> None:
    values = planted()
    values[7, 1] = np.nan
    found = judged(kind, values)
    assert not found.rows[7]
    assert found.rows[WILD].all()


def test_a_correlation_that_is_broken() -> None:
    """Each value is ordinary by itself; only together they are not."""
    x = np.random.default_rng(0).normal(size=300)
    values = np.stack([x, x + 0.05 * np.random.default_rng(1).normal(size=300)], axis=1)
    values[10] = (1.0, -1.0)
    assert judged("mahalanobis", values).rows[10]
    assert not judged("mad", values).rows[10]


def test_a_constant_column_is_sound() -> None:
    values = np.stack([np.ones(40), np.arange(40.0)], axis=1)
    for kind in (*VALUEWISE, "mahalanobis"):
        assert not judged(kind, values).rows.any(), kind


def test_hampel_finds_spikes_not_slopes() -> None:
    values = np.arange(200.0)[:, None] + np.random.default_rng(0).normal(size=(200, 1)) / 10
    values[[30, 31, 99]] += 40
    found = judged("hampel", values, window=5)
    assert found.rows[[30, 31, 99]].all()
    assert found.rows.sum() < 12


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=60), st.sampled_from(VALUEWISE))
def test_bounds_part_what_is_outlying(numbers: list[float], kind: str) -> None:
    values = np.array(numbers)[:, None]
    found = judged(kind, values)
    assert found.low is not None
    assert found.high is not None
    clipped = np.clip(values, found.low, found.high)
    assert ((clipped != values) == found.cells).all()
    assert (np.clip(clipped, found.low, found.high) == clipped).all()
