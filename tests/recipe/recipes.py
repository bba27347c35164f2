"""Recipes as text and as files, for tests."""

from __future__ import annotations

from pathlib import Path

SMALLEST = """\
task: text-classification
model:
  base: some/model
data:
  agreement: own
  train: data/train.csv
  text: text
  label: label
"""


def written(folder: Path, text: str = SMALLEST, name: str = "recipe.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
