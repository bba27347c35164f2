"""Splits partition the rows exactly, keep classes and groups, and depend on the seed alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.data.split import NAMES, assign_splits, codes, quantile_codes

shares = st.tuples(st.floats(0.01, 0.45), st.floats(0.01, 0.45))
labels = st.lists(st.integers(0, 4), min_size=1, max_size=200).map(
    lambda values: codes([str(v) for v in values])
)


@given(st.integers(1, 500), shares, st.integers(0, 2**64))
def test_exact_shares(rows: int, wanted: tuple[float, float], seed: int) -> None:
    found = assign_splits(rows, wanted, seed)
    assert found.shape == (rows,)
    counts = np.bincount(found, minlength=3)
    assert len(counts) == len(NAMES)
    for split, share in zip((1, 2), wanted, strict=True):
        assert abs(counts[split] - rows * share) <= 1
    again = assign_splits(rows, wanted, seed)
    assert (found == again).all()


@given(labels, shares, st.integers(0, 9))
def test_every_class_keeps_its_share(
    label: np.ndarray, wanted: tuple[float, float], seed: int
) -> None:
    found = assign_splits(len(label), wanted, seed, labels=label)
    for one in np.unique(label):
        own = found[label == one]
        for split, share in zip((1, 2), wanted, strict=True):
            assert abs((own == split).sum() - len(own) * share) <= 1
    for split, share in zip((1, 2), wanted, strict=True):
        assert abs((found == split).sum() - len(label) * share) <= 1


@given(labels, st.integers(0, 9))
def test_training_sees_every_class(label: np.ndarray, seed: int) -> None:
    """With three rows of each class no class is held out as a whole."""
    label = np.tile(label, 3)
    found = assign_splits(len(label), (0.1, 0.2), seed, labels=label)
    assert set(label[found == 0]) == set(label)


def test_a_class_of_one_row_stays_in_training() -> None:
    label = np.array([0] * 50 + [1] * 50 + [2])
    for seed in range(30):
        found = assign_splits(101, (0.1, 0.2), seed, labels=label)
        assert found[-1] == 0
        assert np.bincount(found).tolist() == [71, 10, 20]


@given(st.lists(st.integers(0, 8), min_size=3, max_size=120), shares, st.integers(0, 9))
def test_groups_stay_together(values: list[int], wanted: tuple[float, float], seed: int) -> None:
    groups = codes([str(v) for v in values])
    found = assign_splits(len(values), wanted, seed, groups=groups)
    for group in np.unique(groups):
        assert len(np.unique(found[groups == group])) == 1


def test_many_groups_keep_the_shares() -> None:
    groups = np.repeat(np.arange(200), 3)
    label = groups % 2
    found = assign_splits(600, (0.1, 0.2), 0, labels=label, groups=groups)
    assert np.abs(np.bincount(found) - [420, 60, 120]).max() <= 3
    assert abs(label[found == 2].mean() - 0.5) < 0.05


def test_the_seed_matters_and_splits_look_random() -> None:
    splits = [assign_splits(2000, (0.1, 0.2), seed) for seed in range(20)]
    assert len({found.tobytes() for found in splits}) == 20
    # Independent draws agree in 0.7^2 + 0.1^2 + 0.2^2 of the rows.
    agree = [(a == b).mean() for i, a in enumerate(splits) for b in splits[:i]]
    assert np.mean(agree) == pytest.approx(0.54, abs=0.01)
    halves = np.mean([found[:1000] == 2 for found in splits])
    assert halves == pytest.approx(0.2, abs=0.01)


def test_quantiles_of_a_target() -> None:
    found = quantile_codes(np.arange(100, dtype=np.float64))
    assert np.bincount(found).tolist() == [10] * 10
    assert set(quantile_codes(np.zeros(5))) == {9}
