"""English film reviews: MiniLM beats the plain baseline by far."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
def test_film_reviews(tmp_path: Path) -> None:
    overrides = ("train.epochs=1", "train.batch_size=16", "train.learning_rate=2e-4")
    finished = run_example("film-reviews", tmp_path, rows=1000, overrides=overrides)
    assert finished.metrics["accuracy"] > finished.baseline["metrics"]["accuracy"] + 0.02
    assert finished.metrics["roc_auc"] > finished.baseline["metrics"]["roc_auc"] + 0.02
