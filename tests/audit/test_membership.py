"""Attacks against scikit-learn's curves and known extremes; exposure in bits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from accord.audit.exposure import exposures
from accord.audit.membership import attacked, by_loss, calibrated, relative


def test_the_area_is_scikit_learns_and_rates_are_counted() -> None:
    draw = np.random.default_rng(0)
    members, others = draw.normal(0.5, 1, 700), draw.normal(0, 1, 500)
    found = attacked(members, others)
    truth = np.repeat([1, 0], [700, 500])
    assert found.auc == pytest.approx(roc_auc_score(truth, np.concatenate([members, others])))
    assert found.interval[0] < found.auc < found.interval[1]
    rate, low, high = found.caught[0.01]
    threshold = np.sort(others)[::-1][5]
    assert rate == float((members > threshold).mean())
    assert float((others > threshold).mean()) <= 0.01
    assert low < rate < high
    assert found.curve[0][-1] == found.curve[1][-1] == 1


def test_nothing_is_caught_where_scores_are_equal() -> None:
    found = attacked(np.zeros(50), np.zeros(60))
    assert found.auc == 0.5
    assert found.caught[0.001][0] == found.caught[0.01][0] == 0


def test_a_reference_takes_off_what_is_hard_for_everybody() -> None:
    draw = np.random.default_rng(1)
    hard = draw.normal(0, 5, 2000)
    own = hard - np.repeat([0.5, 0.0], 1000) + draw.normal(0, 0.2, 2000)
    reference = hard + draw.normal(0, 0.2, 2000)
    by = (own[1500:], reference[1500:])
    areas = [
        attacked(score[:1000], score[1000:1500]).auc
        for score in (by_loss(own), calibrated(own, reference), relative(own, reference, *by))
    ]
    # A shift of 0.5 in noise of 0.2 * sqrt(2): an area of Phi(1.25) = 0.894.
    assert areas[0] < 0.6
    assert areas[1] == pytest.approx(0.894, abs=0.03)
    assert areas[2] == pytest.approx(areas[1], abs=0.02)


def test_exposure_in_bits() -> None:
    unseen = np.arange(1.0, 1024.0)
    found = exposures(np.array([0.5, 512.5, 2000.0]), unseen)
    assert found.tolist() == pytest.approx([10.0, 1.0, 0.0], abs=0.01)
