"""Thresholds: the best there are, tied rows left together, few rows said, nothing where off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from accord.errors import RecipeError
from accord.metric.decision import decided
from accord.metric.score import scorer_of
from accord.metric.threshold.aim import Rows
from accord.metric.threshold.tune import tune
from accord.model.decision import Decision, decision_of
from accord.part import find

ROWS = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=4, max_size=30).filter(
    lambda found: 0 < sum(y for _, y in found) < len(found)
)


def spec_of(kind: str, **fields: Any) -> Any:
    return find("threshold", kind).spec(kind=kind, **fields)


def factors(kind: str, chances: np.ndarray, truth: np.ndarray, **fields: Any) -> np.ndarray:
    names = tuple("abcdef"[: chances.shape[1]])
    aim = find("threshold", kind)(spec_of(kind, **fields), names)
    trained = np.bincount(truth, minlength=len(names)).astype(float)
    return aim.factors(Rows(chances, truth, np.ones(len(truth)), trained))


MEASURES = {
    "f1": lambda y, g: sk.f1_score(y, g, average="macro", zero_division=0),
    "balanced-accuracy": sk.balanced_accuracy_score,
    "accuracy": sk.accuracy_score,
    "cost": lambda y, g: -np.mean(np.where(y == g, 0.0, np.where(y == 1, 7.0, 1.0))),
}


@pytest.mark.parametrize("kind", MEASURES)
@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_of_two_classes_no_threshold_is_better(kind: str, found: list[tuple[int, bool]]) -> None:
    yes = np.array([(place + 1) / 12 for place, _ in found])
    truth = np.array([int(y) for _, y in found])
    chances = np.stack([1 - yes, yes], 1)
    options = {"of": (("b", "a", 7.0),)} if kind == "cost" else {}
    own = Decision(False, tuple(factors(kind, chances, truth, **options)))(chances)
    cuts = [(place + 0.5) / 12 for place in range(12)]
    best = max(MEASURES[kind](truth, (yes > cut).astype(int)) for cut in cuts)
    assert MEASURES[kind](truth, own) >= best - 1e-9
    for value in np.unique(yes):
        assert len(set(own[yes == value].tolist())) == 1, "tied rows are answered alike"


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 200), st.integers(2, 5))
def test_of_several_classes_they_are_no_worse_than_none(seed: int, size: int) -> None:
    chance = np.random.default_rng(seed)
    chances = chance.dirichlet(np.linspace(3, 0.4, size), 40)
    truth = chance.integers(0, size, 40)
    for kind in ("f1", "balanced-accuracy", "accuracy"):
        own = Decision(False, tuple(factors(kind, chances, truth)))(chances)
        assert MEASURES[kind](truth, own) >= MEASURES[kind](truth, chances.argmax(1)) - 1e-9


def test_a_precision_is_held_and_the_recall_as_high_as_it_can_be() -> None:
    yes = np.array([0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.6, 0.8])
    truth = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    chances = np.stack([1 - yes, yes], 1)
    for precision, recall in ((1.0, 0.75), (0.8, 1.0)):
        found = factors("recall-at-precision", chances, truth, precision=precision)
        guess = Decision(False, tuple(found))(chances)
        assert sk.precision_score(truth, guess) >= precision
        assert sk.recall_score(truth, guess) == recall
    found = factors("precision-at-recall", chances, truth, recall=1.0)
    assert sk.recall_score(truth, Decision(False, tuple(found))(chances)) == 1.0


def test_logit_adjustment_divides_by_the_frequencies() -> None:
    chances, truth = np.array([[0.9, 0.1], [0.6, 0.4]]), np.array([0, 1])
    part = find("threshold", "logit-adjustment")
    rows = Rows(chances, truth, np.ones(2), np.array([90.0, 10.0]))
    for tau, ratio in ((1.0, 9.0), (0.5, 3.0), (0.0, 1.0)):
        found = part(spec_of("logit-adjustment", tau=tau), ("a", "b")).factors(rows)
        assert found[1] / found[0] == pytest.approx(ratio)


def columns(rows: int = 300, seed: int = 0) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(seed)
    truth = (chance.random(rows) < 0.1).astype(np.int64)
    yes = 1 / (1 + np.exp(3 - 3 * truth + chance.normal(size=rows)))
    return {"scores": np.stack([1 - yes, yes], 1).astype(np.float32), "label": truth}


def test_what_is_told_is_a_function_of_the_rows_and_the_seed() -> None:
    trained, given_columns = np.array([900, 100]), columns()
    found = tune(spec_of("f1"), ("no", "yes"), given_columns, trained, 0)
    assert tune(spec_of("f1"), ("no", "yes"), given_columns, trained, 0) == found
    low, high = found["intervals"]["yes"]
    assert 0 < low <= found["thresholds"]["yes"] <= high < 1
    worth = found["validation"]
    assert worth["after"] > worth["before"] and worth["fresh"] > 0
    assert found["few"] == [], "26 rows of the rare class"
    few = tune(spec_of("f1"), ("no", "yes"), columns(100), trained, 0)
    assert few["few"] == ["yes"]


def test_ranking_and_calibration_are_left_alone_and_decisions_are_not() -> None:
    plain, labels = columns(), ("no", "yes")
    found = tune(spec_of("balanced-accuracy"), labels, plain, np.array([900, 100]), 0)
    decision = decision_of({"thresholds": found, "labels": labels, "problem": "single-label"})
    chosen, scorer = decided(plain, decision), scorer_of("single-label", labels)
    before, after = scorer.scores(plain).metrics, scorer.scores(chosen).metrics
    for name in ("roc_auc", "pr_auc", "log_loss", "brier", "ece"):
        assert before[name] == after[name]
    assert (after["recall"] or 0) > (before["recall"] or 0)
    again = scorer.restored(scorer.rows(chosen))
    assert scorer.scores(again).metrics["f1"] == after["f1"], "what was written can be judged"


def test_factors_of_one_and_no_thresholds_are_the_same() -> None:
    plain = columns()
    ones = decided(plain, Decision(False, (1.0, 1.0)))
    scorer = scorer_of("single-label", ("no", "yes"))
    assert scorer.scores(ones).metrics == scorer.scores(plain).metrics
    assert decided(plain, None) is plain


def test_each_of_several_labels_has_its_own() -> None:
    chance = np.random.default_rng(0)
    truth = (chance.random((400, 2)) < (0.4, 0.1)).astype(float)
    logits = 3 * truth - (1.5, 4.0) + chance.normal(size=(400, 2))
    plain = {"scores": 1 / (1 + np.exp(-logits)), "label": truth}
    trained = np.stack([400 - truth.sum(0), truth.sum(0)], 1)
    found = tune(spec_of("f1"), ("a", "b"), plain, trained, 0)
    assert found["thresholds"]["b"] < found["thresholds"]["a"]
    decision = decision_of({"thresholds": found, "labels": ("a", "b"), "problem": "multi-label"})
    scorer = scorer_of("multi-label", ("a", "b"))
    before, after = scorer.scores(plain), scorer.scores(decided(plain, decision))
    assert (after.metrics["f1_macro"] or 0) > (before.metrics["f1_macro"] or 0) + 0.05
    assert after.metrics["roc_auc"] == before.metrics["roc_auc"]


def test_a_class_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="did you mean 'yes'"):
        tune(spec_of("f1", of="yess"), ("no", "yes"), columns(), np.array([9, 1]), 0)
