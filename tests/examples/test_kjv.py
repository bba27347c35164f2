"""The King James Bible: a language model from scratch beats the entropy of tokens, and speaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kjv(tmp_path: Path) -> None:
    smaller = (
        "train.epochs=2",
        "train.evaluate_every=2",
        "train.batch_size=2",
        "train.learning_rate=3e-3",
        "model.config.num_hidden_layers=2",
        "model.config.hidden_size=128",
        "model.config.intermediate_size=344",
    )
    finished = run_example("kjv", tmp_path, rows=60, overrides=smaller)
    assert finished.metrics["bits_per_byte"] < finished.baseline["metrics"]["bits_per_byte"]
