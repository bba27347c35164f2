"""Handwritten digits: a ConvNeXt from scratch reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
def test_digits(tmp_path: Path) -> None:
    finished = run_example("digits", tmp_path, rows=1797, overrides=("train.epochs=8",))
    assert finished.metrics["accuracy"] > 0.92
