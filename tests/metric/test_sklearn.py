"""Metrics equal scikit-learn's, plainly and under the identity resample."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from accord.metric.score import score, scorer_of


@st.composite
def classified(draw):
    """Labels and probabilities with many ties; classes may be absent."""
    size, rows = draw(st.integers(2, 5)), draw(st.integers(2, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    present = rng.choice(size, rng.integers(1, size + 1), replace=False)
    scores = rng.integers(1, 5, (rows, size)).astype(np.float32)
    return size, {"label": rng.choice(present, rows), "scores": scores / scores.sum(1)[:, None]}


def names_of(size):
    return [f"c{i}" for i in range(size)]


@settings(max_examples=60, deadline=None)
@given(classified())
def test_single_label_equals_sklearn(case):
    size, columns = case
    truth = columns["label"]
    chances = columns["scores"].astype(float)
    chances /= chances.sum(1, keepdims=True)
    guess = chances.argmax(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = scorer_of("single-label", names_of(size)).scores(columns)
    got = found.metrics
    assert got["accuracy"] == pytest.approx(sk.accuracy_score(truth, guess))
    for average in ("micro", "macro", "weighted"):
        expected = sk.f1_score(truth, guess, average=average, zero_division=0)
        assert got[f"f1_{average}"] == pytest.approx(expected)
    assert got["log_loss"] == pytest.approx(sk.log_loss(truth, chances, labels=range(size)))
    expected = sk.brier_score_loss(truth, chances, labels=list(range(size)))
    assert got["brier"] == pytest.approx(expected)
    all_there = set(truth) == set(range(size))
    assert (got["roc_auc"] is not None) == all_there
    if all_there and size == 2:
        assert got["roc_auc"] == pytest.approx(sk.roc_auc_score(truth, chances[:, 1]))
        assert got["pr_auc"] == pytest.approx(sk.average_precision_score(truth, chances[:, 1]))
        assert got["f1"] == pytest.approx(sk.f1_score(truth, guess))
    elif all_there:
        expected = sk.roc_auc_score(truth, chances, multi_class="ovr", average="macro")
        assert got["roc_auc"] == pytest.approx(expected)
        assert got["f1"] == got["f1_macro"]
    assert {name for name, value in got.items() if value is None} == set(found.undefined)
    if len(set(truth)) > 1:
        assert got["mcc"] == pytest.approx(sk.matthews_corrcoef(truth, guess))


def same_under_identity(scorer, columns, rows):
    point = scorer.scores(columns).metrics
    resampled = scorer.resampled(columns)(np.ones((rows, 1)))
    for name, value in resampled.items():
        if point[name] is None:
            assert np.isnan(value[0]) or name.startswith(("recall", "f1"))
        else:
            assert value[0] == pytest.approx(point[name], abs=1e-10), name
    return set(point) - set(resampled)


@settings(max_examples=60, deadline=None)
@given(classified())
def test_identity_resample_single_label(case):
    size, columns = case
    scorer = scorer_of("single-label", names_of(size))
    assert same_under_identity(scorer, columns, len(columns["label"])) == set()


@settings(max_examples=30, deadline=None)
@given(classified(), st.integers(0, 1000))
def test_any_resample_equals_sklearn_on_the_drawn_rows(case, seed):
    size, columns = case
    rows = len(columns["label"])
    drawn = np.random.default_rng(seed).integers(0, rows, rows)
    counts = np.bincount(drawn, minlength=rows)[:, None].astype(float)
    scorer = scorer_of("single-label", names_of(size))
    weighted = scorer.resampled(columns)(counts)
    copied = scorer.scores({name: values[drawn] for name, values in columns.items()}).metrics
    for name, value in copied.items():
        if value is None:
            assert np.isnan(weighted[name][0]), name
        else:
            assert weighted[name][0] == pytest.approx(value, abs=1e-10), name


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(2, 30))
def test_multi_label_equals_sklearn(seed, size, rows):
    rng = np.random.default_rng(seed)
    truth = (rng.random((rows, size)) < rng.random(size)).astype(np.float32)
    chances = (rng.integers(0, 8, (rows, size)) / 7).astype(np.float32)
    columns = {"label": truth, "scores": chances}
    scorer = scorer_of("multi-label", names_of(size))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = scorer.scores(columns).metrics
    guess = chances >= 0.5
    assert got["accuracy"] == pytest.approx((guess == (truth > 0.5)).all(1).mean())
    for average in ("micro", "macro", "weighted"):
        if size > 1:
            expected = sk.f1_score(truth > 0.5, guess, average=average, zero_division=0)
            assert got[f"f1_{average}"] == pytest.approx(expected)
    both = (truth.min(0) != truth.max(0)).all()
    assert (got["roc_auc"] is not None) == both
    if both:
        for average, name in (("macro", "roc_auc"), ("micro", "roc_auc_micro")):
            assert got[name] == pytest.approx(sk.roc_auc_score(truth, chances, average=average))
        assert got["pr_auc"] == pytest.approx(sk.average_precision_score(truth, chances))
    assert same_under_identity(scorer, columns, rows) == set()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 30), st.floats(-1e4, 1e4))
def test_regression_equals_sklearn(seed, rows, origin):
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=rows) + origin
    columns = {"label": truth, "prediction": truth + rng.normal(size=rows)}
    scorer = scorer_of("regression", [])
    got = scorer.scores(columns).metrics
    assert got["r2"] == pytest.approx(sk.r2_score(truth, columns["prediction"]))
    point = scorer.resampled(columns)(np.ones((rows, 1)))
    for name, value in got.items():
        assert point[name][0] == pytest.approx(value, rel=1e-6)


def test_constant_target_has_no_r2():
    columns = {"label": np.full(4, 3.3), "prediction": np.arange(4.0)}
    found = scorer_of("regression", []).scores(columns)
    assert found.metrics["r2"] is None and "equal" in found.undefined["r2"]
    drawn = scorer_of("regression", []).resampled(columns)(np.ones((4, 2)))
    assert np.isnan(drawn["r2"]).all()


def test_next_token_by_hand():
    columns = {
        "loss_sum": np.array([2.0, 4.0]),
        "tokens": np.array([2, 2]),
        "correct": np.array([1, 2]),
        "bytes": np.array([6, 4]),
    }
    found = score("next-token", [], columns)
    assert found["loss"] == pytest.approx(1.5)
    assert found["perplexity"] == pytest.approx(np.exp(1.5))
    assert found["bits_per_byte"] == pytest.approx(6 / np.log(2) / 10)
    assert found["token_accuracy"] == 0.75 and found["tokens"] == 4


def test_row_without_targets_or_bytes_is_no_error():
    columns = {n: np.zeros(2) for n in ("loss_sum", "tokens", "correct", "bytes")}
    found = scorer_of("next-token", []).scores(columns)
    assert found.metrics["loss"] is None and "target" in found.undefined["loss"]


def test_diverged_model_gives_nothing_instead_of_a_crash():
    columns = {"label": np.array([0, 1]), "scores": np.full((2, 2), np.nan)}
    assert set(score("single-label", ["a", "b"], columns).values()) == {None}


@pytest.mark.parametrize("bins", [2, 15])
def test_ece_by_hand(bins):
    columns = {
        "label": np.array([1, 0, 1, 1]),
        "scores": np.array([[0.1, 0.9], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9]]),
    }
    scorer = scorer_of("single-label", ["a", "b"], bins)
    assert scorer.scores(columns).metrics["ece"] == pytest.approx(0.15)
    shown = scorer.curves(columns)["reliability"]
    assert shown == {
        "confidence": pytest.approx([0.9]),
        "accuracy": [0.75],
        "count": [4],
    }


def test_curves_are_thin_and_their_area_is_exact():
    rng = np.random.default_rng(0)
    truth, scores = rng.integers(0, 2, 5000), rng.random((5000, 1)).astype(np.float32)
    columns = {"label": truth, "scores": np.concatenate([1 - scores, scores], 1)}
    curves = scorer_of("single-label", ["a", "b"]).curves(columns)
    roc = curves["roc"]["b"]
    assert list(curves["roc"]) == ["b"] and len(roc["x"]) <= 200
    assert (roc["x"][0], roc["y"][0], roc["x"][-1], roc["y"][-1]) == (0, 0, 1, 1)
    assert roc["area"] == pytest.approx(sk.roc_auc_score(truth, columns["scores"][:, 1]))
    assert np.trapezoid(roc["y"], roc["x"]) == pytest.approx(roc["area"], abs=0.01)


@pytest.mark.parametrize("problem", ["single-label", "multi-label"])
def test_rows_can_be_read_back(problem):
    rng = np.random.default_rng(1)
    scores = rng.random((6, 3)).astype(np.float32)
    label = rng.integers(0, 3, 6) if problem == "single-label" else (scores > 0.4).astype(float)
    columns = {"label": label, "scores": scores}
    scorer = scorer_of(problem, names_of(3))
    back = scorer.restored(scorer.rows(columns))
    assert (back["label"] == label).all() and (back["scores"] == scores).all()
