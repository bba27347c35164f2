"""Metrics by the values of a column."""

from __future__ import annotations

import numpy as np

from accord.evaluate.judge import judge
from accord.evaluate.slices import VALUES, slice_rows
from accord.metric.score import scorer_of
from accord.metric.scorer import columns_at
from accord.recipe.evaluate import Evaluate


def test_every_value_is_judged_alone():
    rng = np.random.default_rng(0)
    chance = rng.random(100)
    columns = {"label": rng.integers(0, 2, 100), "scores": np.stack([1 - chance, chance], 1)}
    source = np.array(["web"] * 80 + ["mail"] * 20)
    scorer = scorer_of("single-label", ["a", "b"])
    found = judge(scorer, columns, {"source": source}, Evaluate(resamples=20), 0)
    slices = found["slices"]["source"]
    assert {v: s["rows"] for v, s in slices.items()} == {"web": 80, "mail": 20}
    assert slices["mail"]["small"] and not slices["web"]["small"]
    alone = scorer.scores(columns_at(columns, source == "mail")).metrics
    assert slices["mail"]["metrics"] == alone
    assert set(slices["web"]["intervals"]) <= set(found["intervals"]) | set(alone)


def test_a_slice_of_one_class_says_what_it_cannot_measure():
    columns = {"label": np.array([0, 1, 0]), "scores": np.full((3, 2), 0.5)}
    cuts = {"kind": np.array(["x", "x", "y"])}
    scorer = scorer_of("single-label", ["a", "b"])
    found = judge(scorer, columns, cuts, Evaluate(resamples=10), 0)["slices"]["kind"]["y"]
    assert found["metrics"]["roc_auc"] is None and "'b'" in found["undefined"]["roc_auc"]
    assert "roc_auc" not in found["intervals"]


def test_values_are_bounded_and_missing_ones_named():
    values = np.array([None, *(f"v{i}" for i in range(30)), "v0"], dtype=object)
    chosen, left_out = slice_rows(values)
    assert len(chosen) == VALUES and left_out == 11
    assert next(iter(chosen)) == "v0" and len(chosen["v0"]) == 2
    assert "(missing)" in slice_rows(values[:3])[0]
