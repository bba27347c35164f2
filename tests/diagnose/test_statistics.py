"""Tests of two samples agree with SciPy, and keep their level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from accord.diagnose.features import area
from accord.diagnose.statistics import (
    area_interval,
    area_p_value,
    chi_squared,
    holm,
    kolmogorov_smirnov,
    wilson,
)


@pytest.mark.parametrize("shift", [0.0, 0.2, 1.0])
def test_distributions_as_scipy_compares_them(shift: float) -> None:
    chance = np.random.default_rng(1)
    a, b = chance.normal(size=300), chance.normal(shift, size=200)
    size, p = kolmogorov_smirnov(a, b)
    expected = stats.ks_2samp(a, b, method="asymp")
    assert size == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue, rel=0.25, abs=1e-9)


def test_categories_as_scipy_compares_them() -> None:
    a, b = ["x"] * 60 + ["y"] * 40, ["x"] * 30 + ["y"] * 70
    size, p = chi_squared(a, b)
    expected = stats.chi2_contingency([[60, 30], [40, 70]], correction=False)
    assert p == pytest.approx(expected.pvalue)
    assert 0.2 < size < 0.35
    assert chi_squared(a, a)[0] == 0.0


def test_rare_categories_are_taken_together() -> None:
    a = ["x"] * 100 + [f"a{i}" for i in range(50)]
    b = ["x"] * 100 + [f"b{i}" for i in range(50)]
    assert chi_squared(a, b)[1] > 0.5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_control_for_many_tests_only_raises(p_values: list[float]) -> None:
    found = holm(p_values)
    assert all(f >= p for f, p in zip(found, p_values, strict=True))
    assert min(found) == pytest.approx(min(1.0, len(p_values) * min(p_values)))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_areas_as_scikit_learn_counts_them(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([float(s) for s, _ in rows])
    positive = np.array([p for _, p in rows])
    if positive.all() or not positive.any():
        assert area(scores, positive) == 0.5
    else:
        assert area(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


@given(st.integers(0, 200), st.integers(1, 200))
def test_an_interval_of_a_share_holds_it(hits: int, rows: int) -> None:
    low, high = wilson(min(hits, rows), rows)
    assert 0 <= low <= min(hits, rows) / rows <= high <= 1


def test_chance_alone_is_seldom_called_a_difference() -> None:
    chance = np.random.default_rng(3)
    alarms = sum(
        area_p_value(area(chance.normal(size=200), np.arange(200) < 80), 80, 120) < 0.05
        for _ in range(400)
    )
    assert alarms / 400 < 0.09
    low, high = area_interval(0.7, 80, 120)
    assert low < 0.7 < high
