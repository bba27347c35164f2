"""Breast tumours: the FT-Transformer is as good as the plain baseline."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.running import run_example


@pytest.mark.slow
def test_breast_cancer(tmp_path: Path) -> None:
    finished = run_example("breast-cancer", tmp_path, rows=569, overrides=())
    assert finished.metrics["roc_auc"] > 0.98
    assert finished.metrics["accuracy"] > finished.baseline["metrics"]["accuracy"] - 0.03
