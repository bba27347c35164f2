"""`clean.labels`: wrong labels of training rows are found and handled; other splits keep theirs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from accord.errors import DataError, RecipeError
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, csv_text, prepared

ROWS = 120
FLIPPED = frozenset(range(0, ROWS, 12))


def recipe(spec: Any, task: str = "table-classification", **data: Any) -> Any:
    return recipe_from(
        {
            "task": task,
            "model": {"config": {"model_type": "accord-ft-transformer", "hidden_size": 8}},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": 0, "test": "test.csv",
                "numeric": ["x"], "categorical": ["place"], "label": "y",
                "leakage": {"action": "off"}, **data,
            },
            "clean": {"labels": spec},
            "train": {"steps": 2, "precision": "fp32"},
        }
    ).recipe  # fmt: skip


def write(folder: Path, numbers: bool = False) -> None:
    chance = np.random.default_rng(0)
    for name in ("train", "test"):
        rows: list[list[object]] = [["x", "place", "y"]]
        for i in range(ROWS):
            high = bool(chance.random() < 0.5)
            x = chance.normal(3 if high else -3)
            wrong = i in FLIPPED
            label: object = "high" if high != wrong else "low"
            if numbers:
                label = 10 * x + chance.normal(0, 20) + (500 if wrong else 0)
            rows.append([f"{x:.3f}", "north" if high else "south", label])
        (folder / f"{name}.csv").write_text(csv_text(rows), "utf-8")


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


@pytest.mark.parametrize("by", ["linear", {"kind": "boosting", "trees": 20}])
@pytest.mark.parametrize("handle", ["remove", "quarantine", "weight", "relabel"])
def test_wrong_labels(by: Any, handle: str, tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe({"by": by, "handle": handle}))
    plain = prepared(tmp_path, recipe(None), "plain")
    counts, found = accounting(dataset), rows(dataset, "train")
    entry = {"step": "labels", "reason": "probably-wrong", "rows": len(FLIPPED), "split": "train"}
    gone = handle in ("remove", "quarantine")
    assert entry in counts["removed" if gone else "changed"]
    assert len(found) == ROWS - (len(FLIPPED) if gone else 0)
    truth = {row["row"]: row["label"] for row in rows(plain, "train")}
    for row in found:
        due = row["row"] in FLIPPED
        assert (row["label"] != truth[row["row"]]) == (due and handle == "relabel")
        assert row.get("weight", 1.0) == (0.1 if due and handle == "weight" else 1.0)
    told = counts["told"]["labels"]
    assert told["rows"] == len(FLIPPED) == sum(pair["rows"] for pair in told["pairs"])
    assert {example["row"] for example in told["examples"]} == FLIPPED
    assert all(example["given"] != example["better"] for example in told["examples"])
    assert [r["label"] for r in rows(dataset, "test")] == [r["label"] for r in rows(plain, "test")]
    if handle == "quarantine":
        lines = (dataset.path / "quarantine.jsonl").read_text("utf-8").splitlines()
        assert {json.loads(line)["row"] for line in lines} == FLIPPED


def test_wrong_numbers(tmp_path: Path) -> None:
    write(tmp_path, numbers=True)
    dataset = prepared(tmp_path, recipe({}, "table-regression"))
    assert {row["row"] for row in rows(dataset, "train")} == set(range(ROWS)) - FLIPPED
    dataset = prepared(tmp_path, recipe({"handle": "relabel"}, "table-regression"), "again")
    assert max(row["label"] for row in rows(dataset, "train")) < 150


def test_too_few_rows(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(DataError) as found:
        prepared(tmp_path, recipe({"folds": 50}, train="few.csv") if few(tmp_path) else None)
    assert found.value.code == "labels-few"


def few(folder: Path) -> bool:
    lines = (folder / "train.csv").read_text("utf-8").splitlines()
    (folder / "few.csv").write_text("\n".join(lines[:40]), "utf-8")
    return True


def test_tags_have_no_single_label() -> None:
    with pytest.raises(RecipeError, match="one label a row"):
        recipe_from(
            {
                "task": "token-classification",
                "model": {"base": "base"},
                "data": {"agreement": "own", "train": "t", "tokens": "words", "label": "tags"},
                "clean": {"labels": {}},
            }
        )
