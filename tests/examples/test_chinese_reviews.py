"""Chinese reviews: a multilingual encoder from a 4-bit file learns, two layers of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_chinese_reviews(tmp_path: Path) -> None:
    # Seven hundred rows are few steps at the recipe's batch size: too few to learn anything.
    overrides = ("train.epochs=2", "train.batch_size=16", "data.max_tokens=32")
    finished = run_example("chinese-reviews", tmp_path, rows=700, overrides=overrides)
    assert finished.metrics["accuracy"] > 0.7
    assert finished.metrics["roc_auc"] > finished.baseline["metrics"]["roc_auc"]
