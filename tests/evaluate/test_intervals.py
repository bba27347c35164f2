"""Bootstrap intervals: deterministic, cover the truth about as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from accord.evaluate.intervals import affordable, bounds_of, draws, intervals
from accord.metric.score import scorer_of


def case(rows, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows)
    chance = 1 / (1 + np.exp(-(2.0 * truth - 1 + rng.normal(size=rows))))
    return {"label": truth, "scores": np.stack([1 - chance, chance], 1)}


def test_every_resample_draws_as_many_rows():
    counts = np.concatenate(list(draws(500, 40, 0)), axis=1)
    assert counts.shape == (500, 40) and (counts.sum(0) == 500).all()


def test_same_seed_same_intervals_other_seed_others():
    scorer, columns = scorer_of("single-label", ["a", "b"]), case(200)
    one, two, other = (
        intervals(scorer.resampled(columns), 200, resamples=50, confidence=0.9, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one == two != other


def test_intervals_hold_the_point_estimate():
    scorer, columns = scorer_of("single-label", ["a", "b"]), case(300)
    found = intervals(scorer.resampled(columns), 300, resamples=200, confidence=0.99, seed=0)
    metrics = scorer.scores(columns).metrics
    assert set(found.bounds) == set(metrics)
    for name in set(metrics) - {"ece"}:  # resampling biases ECE upwards
        low, high = found.bounds[name]
        assert low <= metrics[name] <= high, name


def test_coverage_of_a_known_accuracy():
    """Accuracy of a model that is right with probability 0.8: about 95 of 100 intervals hold it."""
    rng, held = np.random.default_rng(5), 0
    for trial in range(100):
        right = rng.random(200) < 0.8
        columns = {"label": np.zeros(200, int), "scores": np.stack([right, ~right], 1) + 0.0}
        found = intervals(
            lambda counts, c=columns: {"accuracy": (c["scores"][:, 0] @ counts) / counts.sum(0)},
            200,
            resamples=300,
            confidence=0.95,
            seed=trial,
        )
        low, high = found.bounds["accuracy"]
        held += low <= 0.8 <= high
    assert 87 <= held <= 100


def test_rare_class_gives_no_interval():
    columns = case(60)
    columns["label"][:] = 0
    columns["label"][0] = 1
    scorer = scorer_of("single-label", ["a", "b"])
    found = intervals(scorer.resampled(columns), 60, resamples=200, confidence=0.95, seed=0)
    assert "roc_auc" not in found.bounds and "accuracy" in found.bounds


def test_large_splits_get_fewer_resamples_but_enough():
    assert affordable(3000, 1000, 10) == 1000
    assert affordable(10**7, 1000, 10) == 200
    assert bounds_of(np.array([np.nan, np.nan, 1.0]), 0.95) is None


def test_none_wanted_none_given():
    columns = case(10)
    scorer = scorer_of("single-label", ["a", "b"])
    found = intervals(scorer.resampled(columns), 10, resamples=0, confidence=0.95, seed=0)
    assert found.bounds == {} and found.resamples == pytest.approx(0)
