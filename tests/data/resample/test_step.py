"""Resampled counts are exact, only training rows are touched, and all is accounted for."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.resample.smote import Smote, smote
from accord.data.resample.table import Table
from accord.errors import DataError, RecipeError
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, prepared


def recipe(resample: Any, **data: Any) -> Any:
    return recipe_from(
        {
            "task": "table-classification",
            "model": {"config": {"model_type": "accord-ft-transformer", "hidden_size": 8}},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "test.csv",
                "test": "test.csv", "numeric": ["x", "y"], "label": "class",
                "leakage": {"action": "off"}, **data,
            },
            "balance": {"resample": resample},
            "train": {"steps": 1},
        }
    ).recipe  # fmt: skip


def write(folder: Path, rare: int = 12) -> None:
    chance = np.random.default_rng(0)
    for name in ("train", "test"):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["x", "y", "place", "class"])
            for i in range(60 + rare):
                often = i < 60
                x, y = chance.normal(0 if often else 2), 1000 * chance.normal()
                place = chance.choice(["north", "south"] if often else ["south", "west"])
                writer.writerow([x, "" if i == 3 else y, place, "often" if often else "rare"])


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


def test_counts_are_exact_and_told(tmp_path: Path) -> None:
    write(tmp_path)
    plain = prepared(tmp_path, recipe(None), "plain")
    dataset = prepared(tmp_path, recipe({"kind": "smote", "ratio": 0.5}), "more")
    found = rows(dataset, "train")
    assert Counter(row["label"] for row in found) == {0: 60, 1: 30}
    assert accounting(dataset)["added"] == [
        {"step": "resample", "reason": "smote", "rows": 18, "split": "train"}
    ]
    for split in ("validation", "test"):
        assert str(rows(dataset, split)) == str(rows(plain, split))
    old = {row["row"]: row["numeric"] for row in rows(plain, "train")}
    kept = [row for row in found if str(row["numeric"]) == str(old[row["row"]])]
    assert len(kept) == 72
    labels = {row["row"]: row["label"] for row in rows(plain, "train")}
    assert all(labels[row["row"]] == row["label"] for row in found)


def test_categories_stay_categories(tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe("smote", categorical=["place"]))
    found = rows(dataset, "train")
    assert Counter(row["label"] for row in found) == {0: 60, 1: 60}
    rare = {row["categorical"][0] for row in found if row["label"] == 1}
    often = {row["categorical"][0] for row in found if row["label"] == 0}
    assert len(rare) <= 2
    assert len(often) <= 2


@pytest.mark.parametrize("kind", ["near-miss", "smote-tomek"])
def test_rows_taken_out_are_counted(kind: str, tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe(kind))
    told = accounting(dataset)
    gone = sum(entry["rows"] for entry in told["removed"])
    added = sum(entry["rows"] for entry in told["added"])
    assert len(rows(dataset, "train")) == 72 - gone + added
    assert gone > 0


def test_one_row_is_too_few(tmp_path: Path) -> None:
    write(tmp_path, rare=1)
    with pytest.raises(DataError) as found:
        prepared(tmp_path, recipe("smote"))
    assert found.value.code == "resample-few"


def test_texts_have_no_between() -> None:
    with pytest.raises(RecipeError, match="has no meaning for this task"):
        recipe_from(
            {
                "task": "text-classification",
                "model": {"base": "minilm"},
                "data": {"agreement": "own", "train": "a.csv", "text": "t", "label": "l"},
                "balance": {"resample": "smote"},
            }
        )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(2, 40), min_size=2, max_size=4), st.floats(0.1, 1), st.integers(0, 99))
def test_every_class_reaches_its_ratio(counts: list[int], ratio: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    values = np.random.default_rng(seed).normal(size=(len(labels), 3))
    made = smote(Smote(ratio=ratio), Table(values, np.zeros(3, dtype=bool), labels), seed)
    after = np.bincount(labels) + np.bincount(made.labels, minlength=len(counts))
    least = int(np.ceil(ratio * max(counts) - 1e-9))
    assert after.tolist() == [max(n, least) for n in counts]
