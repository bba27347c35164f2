"""The part of a difference's variance that comes from the judged rows, against its formula."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from accord.evaluate.predictions import predictions_of, write_predictions
from accord.metric.score import scorer_of
from accord.proving.judging import judging_variance

LABELS = ("no", "yes")
ROWS = 400


def judged(folder: Path, right: np.ndarray, truth: np.ndarray) -> Path:
    """A run that answered those rows rightly."""
    said = np.where(right, truth, 1 - truth)
    scores = np.where(said[:, None] == np.arange(2), 2.0, 0.0).astype(np.float32)
    columns = {"scores": scores, "label": truth, "row": np.arange(ROWS)}
    place = [["left", "right"][row % 2] for row in range(ROWS)]
    table = pa.table({"slice:place": place})
    folder.mkdir()
    made = predictions_of("test", scorer_of("single-label", LABELS), columns, table)
    write_predictions(folder / "predictions.parquet", [made], "single-label", LABELS)
    return folder


def test_the_variance_of_a_mean_of_paired_rows(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    truth = draw.integers(0, 2, ROWS)
    first, second = draw.random(ROWS) < 0.7, draw.random(ROWS) < 0.8
    runs = judged(tmp_path / "a", first, truth), judged(tmp_path / "b", second, truth)
    found = judging_variance([runs])
    paired = second.astype(float) - first
    # A jackknife of 20 groups is within a factor of two: a hundredth of draws are further away.
    assert found["accuracy"] == pytest.approx(paired.var() / ROWS, rel=0.9)
    assert found["accuracy [place=left]"] == pytest.approx(paired.var() / ROWS * 2, rel=0.9)
    assert found["recall [class=yes]"] > found["accuracy"]


def test_the_variance_of_a_mean_counts_shared_rows_once(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 2, ROWS)
    runs = [judged(tmp_path / str(n), draw.random(ROWS) < 0.7, truth) for n in range(4)]
    alike = judging_variance([(runs[0], runs[1])] * 2, of_mean=True)
    assert alike == pytest.approx(judging_variance([(runs[0], runs[1])]))
    apart = judging_variance([(runs[0], runs[1]), (runs[2], runs[3])], of_mean=True)
    each = judging_variance([(runs[0], runs[1]), (runs[2], runs[3])])
    assert apart["accuracy"] < each["accuracy"]
