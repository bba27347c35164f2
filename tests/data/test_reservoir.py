"""The median of a long table is that of all its rows, whatever order they stand in."""

from __future__ import annotations

import numpy as np
import pytest

from accord.data.encode_table import Moments


def test_the_median_does_not_hang_on_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.data.encode_table.SAMPLE", 1000)
    values = np.sort(np.random.default_rng(0).normal(50, 10, 40_000))
    for rows in (values, values[::-1], np.random.default_rng(1).permutation(values)):
        moments = Moments(seed=3)
        for start in range(0, len(rows), 2048):
            moments.add(rows[start : start + 2048])
        # Of 1,000 drawn values the median lies within 4 standard errors (1.25 * 10 / sqrt(1000)).
        assert moments.summary()["median"] == pytest.approx(50, abs=1.6)


def test_the_sample_does_not_hang_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.data.encode_table.SAMPLE", 50)
    values = np.random.default_rng(0).normal(size=3000)
    values[::7] = np.nan
    found: set[tuple[float, ...]] = set()
    for size in (1, 13, 64, 2999, 3000):
        moments = Moments(seed=5)
        for start in range(0, len(values), size):
            moments.add(values[start : start + size])
        found.add(tuple(sorted(moments.sample())))
    (sample,) = found
    assert len(sample) == 50
    other = Moments(seed=6)
    other.add(values)
    assert tuple(sorted(other.sample())) != sample


def test_every_value_has_the_same_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accord.data.encode_table.SAMPLE", 10)
    counts = np.zeros(100)
    for seed in range(400):
        moments = Moments(seed=seed)
        moments.add(np.arange(100, dtype=np.float64))
        counts[moments.sample().astype(int)] += 1
    # 400 draws with chance 0.1: 40 +- 6; five deviations on either side.
    assert counts.min() > 10 and counts.max() < 70


def test_short_columns_are_kept_whole() -> None:
    moments = Moments(seed=0)
    moments.add(np.array([5.0, 1.0, np.nan, 2.0]))
    assert moments.summary()["median"] == 2.0
    assert sorted(moments.sample().tolist()) == [1.0, 2.0, 5.0]
