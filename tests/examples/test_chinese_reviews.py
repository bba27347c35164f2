"""Chinese reviews: an encoder from scratch learns, and the text survives the vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
def test_chinese_reviews(tmp_path: Path) -> None:
    finished = run_example("chinese-reviews", tmp_path, rows=3000, overrides=("train.epochs=6",))
    assert finished.metrics["accuracy"] > 0.65
    assert finished.baseline["metrics"]["accuracy"] > 0.65
