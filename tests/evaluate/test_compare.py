"""Comparing runs on the same rows."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from accord.errors import DataError, RecipeError
from accord.evaluate.predictions import predictions_of, write_predictions
from accord.evaluate.significance import compare
from accord.metric.score import scorer_of

LABELS = ["neg", "pos"]


def run_at(folder, *, skill, seed, rows=300, first=0, shuffle=False, truth_seed=0):
    """A run directory with predictions that are right as often as `skill` makes them."""
    truth = np.random.default_rng(truth_seed).integers(0, 2, rows)
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(-(skill * (2 * truth - 1) + rng.normal(size=rows))))
    order = rng.permutation(rows) if shuffle else np.arange(rows)
    columns = {
        "row": (np.arange(rows) + first)[order],
        "label": truth[order],
        "scores": np.stack([1 - chance, chance], 1)[order],
    }
    table = pa.table({"display": [f"text {i}" for i in columns["row"]]})
    folder.mkdir()
    made = predictions_of("test", scorer_of("single-label", LABELS), columns, table)
    write_predictions(folder / "predictions.parquet", [made], "single-label", LABELS)
    (folder / "summary.json").write_text(json.dumps({"task": "text-classification"}))
    return folder


def by_name(comparison):
    return {d.metric: d for d in comparison.differences}


def test_better_run_is_significantly_better(tmp_path):
    weak = run_at(tmp_path / "weak", skill=0.3, seed=1)
    strong = run_at(tmp_path / "strong", skill=2.0, seed=2, shuffle=True)
    found = compare([weak, strong], resamples=300)
    accuracy = by_name(found)["accuracy"]
    assert accuracy.difference > 0.1 and accuracy.p_value < 0.02
    assert accuracy.interval[0] > 0 and found.rows == 300
    values = [run.metrics["accuracy"] for run in found.runs]
    assert accuracy.difference == pytest.approx(values[1] - values[0])


def test_a_run_does_not_differ_from_itself(tmp_path):
    run = run_at(tmp_path / "run", skill=1.0, seed=1)
    for difference in compare([run, run], resamples=50).differences:
        assert difference.difference == 0 and difference.p_value == 1


def test_equal_skill_is_rarely_significant(tmp_path):
    """Of 20 pairs of equally good models, about one differs at p < 0.05."""
    runs = [run_at(tmp_path / f"{seed}", skill=1.0, seed=seed) for seed in range(1, 41)]
    pairs = zip(runs[::2], runs[1::2], strict=True)
    values = [by_name(compare(pair, resamples=200))["accuracy"].p_value for pair in pairs]
    assert sum(value < 0.05 for value in values) <= 4


@pytest.mark.parametrize("other", [{"first": 10}, {"truth_seed": 9}, {"rows": 200}])
def test_other_rows_are_refused(tmp_path, other):
    one = run_at(tmp_path / "one", skill=1.0, seed=1)
    two = run_at(tmp_path / "two", skill=1.0, seed=1, **other)
    with pytest.raises(DataError) as error:
        compare([one, two])
    assert error.value.code == "compare-rows-differ"


def test_one_run_and_no_run(tmp_path):
    run = run_at(tmp_path / "run", skill=1.0, seed=1)
    with pytest.raises(RecipeError):
        compare([run])
    with pytest.raises(DataError) as error:
        compare([run, tmp_path / "nowhere"])
    assert error.value.code == "predictions-unreadable"
    (run / "summary.json").unlink()
    with pytest.raises(DataError) as error:
        compare([run, run])
    assert error.value.code == "run-unreadable"
