"""Confident learning: equal to cleanlab's, which the authors keep."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accord.data.mislabelled.confident import confident_joint, wrong_labels
from accord.data.mislabelled.folds import assign_folds

RULES = {
    "noise-rate": "prune_by_noise_rate",
    "class": "prune_by_class",
    "both": "both",
    "confident": "confident_learning",
}


def noisy(classes: int, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels, a third of them wrong, and probabilities that mostly know better."""
    chance = np.random.default_rng(seed)
    truth = chance.integers(classes, size=rows)
    truth[:classes] = np.arange(classes)
    strength = np.full((rows, classes), 1.0)
    strength[np.arange(rows), truth] = 4.0
    chances = np.stack([chance.dirichlet(row) for row in strength])
    flipped = chance.random(rows) < 0.3
    flipped[:classes] = False
    return np.where(flipped, chance.integers(classes, size=rows), truth), chances


def tied(row: npt.NDArray[np.float64]) -> bool:
    """Whether it is left to the sorting which counts are changed to keep the row's sum."""
    apart = np.sort(row - np.round(row))
    missing = round(float(row.sum() - np.round(row).sum()))
    if missing == 0:
        return False
    edge = len(apart) - missing if missing > 0 else -missing
    return bool(apart[edge] - apart[edge - 1] < 1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(60, 300), st.integers(0, 10_000), st.sampled_from([*RULES]))
def test_it_is_cleanlabs(classes: int, rows: int, seed: int, rule: str) -> None:
    count = pytest.importorskip("cleanlab.count")
    find = pytest.importorskip("cleanlab.filter").find_label_issues
    labels, chances = noisy(classes, rows, seed)
    raw = count.compute_confident_joint(labels, chances, calibrate=False)
    scaled = raw / raw.sum(axis=1, keepdims=True) * np.bincount(labels)[:, None]
    assume((np.abs(scaled % 1 - 0.5) > 1e-9).all())  # a tie is rounded by what is left of a sum
    assume(not any(tied(row) for row in scaled))
    assert (
        confident_joint(labels, chances) == count.compute_confident_joint(labels, chances)
    ).all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = find(labels, chances, filter_by=RULES[rule], n_jobs=1)
    assert (wrong_labels(labels, chances, rule) == theirs).all()  # type: ignore[arg-type]


def test_right_labels_stay() -> None:
    labels = np.repeat([0, 1, 2], 20)
    chances = np.eye(3)[labels] * 0.7 + 0.1
    for rule in RULES:
        assert not wrong_labels(labels, chances, rule).any()  # type: ignore[arg-type]


def test_a_class_without_rows_and_one_with_a_single_row() -> None:
    labels = np.array([0] * 20 + [2])
    chances = np.tile([0.2, 0.7, 0.1], (21, 1))
    for rule in RULES:
        assert not wrong_labels(labels, chances, rule)[20]  # type: ignore[arg-type]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=4, max_size=90), st.integers(2, 6), st.integers(0, 99))
def test_folds_are_alike(codes: list[int], folds: int, seed: int) -> None:
    found = assign_folds(np.array(codes), folds, seed, None)
    for code in set(codes):
        sizes = np.bincount(found[np.array(codes) == code], minlength=folds)
        assert sizes.max() - sizes.min() <= 1
    whole = assign_folds(np.array(codes), folds, seed, np.array(codes))
    assert all(len(set(whole[np.array(codes) == code])) == 1 for code in codes)
