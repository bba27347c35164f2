"""Filling in a run: learned from training rows alone, the same in every split and for new rows."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import accord
from accord.errors import AccordError
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, prepared


def recipe(impute: Any, **data: Any) -> Any:
    return recipe_from(
        {
            "task": "table-classification",
            "model": {"config": {"model_type": "accord-ft-transformer", "hidden_size": 8}},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "other.csv",
                "test": "other.csv", "numeric": ["x", "z"], "categorical": ["place"],
                "label": "y", "leakage": {"action": "off"}, **data,
            },
            "clean": {} if impute is None else {"impute": impute},
            "train": {"steps": 2, "precision": "fp32"},
            "evaluate": {"resamples": 0, "baseline": False},
        }
    ).recipe  # fmt: skip


def write(folder: Path, far: float = 0.0) -> None:
    """Training rows in which x is 10 a day; x is missing in every fourth row, `place` in every
    fifth. In the other rows it lies far away."""
    for name, shift in (("train", 0.0), ("other", 5000 + far)):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["day", "x", "z", "place", "y"])
            for i in range(40):
                x = "" if i % 4 == 2 else 10 * i + shift
                place = "" if i % 5 == 0 else ("north" if i % 3 else "south")
                writer.writerow([i, x, (i * 7) % 11, place, "ab"[i % 2]])


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


def schema(dataset: Any) -> Any:
    return json.loads((dataset.path / "schema.json").read_text())


LINE = {"kind": "linear", "order_by": "day"}


def test_every_split_is_filled_as_training_rows_teach(tmp_path: Path) -> None:
    write(tmp_path)
    made = recipe({"numeric": LINE, "categorical": "most-frequent"})
    dataset = prepared(tmp_path, made)
    north = schema(dataset)["categorical"][0]["values"].index("north") + 1
    for split in ("train", "validation", "test"):
        found = {row["row"]: row for row in rows(dataset, split)}
        assert [found[i]["numeric"][0] for i in (2, 6, 38)] == [20, 60, 380]
        assert [found[i]["categorical"][0] for i in (5, 10)] == [north, north]
    changed = accounting(dataset)["changed"]
    told = {(e["step"], e["reason"], e["split"]): e["rows"] for e in changed}
    for split in ("train", "validation", "test"):
        assert told["impute", "linear", split] == 10
        assert told["impute", "most-frequent", split] == 8


@pytest.mark.parametrize("kind", ["median", "mean", "nearest", "iterative", LINE])
def test_held_out_rows_teach_nothing(kind: Any, tmp_path: Path) -> None:
    """Neither gaps nor scales know what stands in validation and test."""
    found: list[Any] = []
    for far in (0.0, 1e6):
        folder = tmp_path / str(far)
        folder.mkdir()
        write(folder, far)
        dataset = prepared(folder, recipe({"numeric": kind, "categorical": "constant"}))
        told = schema(dataset)
        found.append((told["impute"], told["numeric"], told["categorical"], rows(dataset, "train")))
    assert found[0] == found[1]
    assert found[0][1][0]["mean"] < 400


def test_without_gaps_nothing_changes(tmp_path: Path) -> None:
    write(tmp_path)
    columns = {"numeric": ["z"], "categorical": ["day"]}
    plain = prepared(tmp_path, recipe(None, **columns))
    before = {split: rows(plain, split) for split in ("train", "validation", "test")}
    numeric = schema(plain)["numeric"]
    shutil.rmtree(tmp_path / "run")
    filled = prepared(tmp_path, recipe({"categorical": "most-frequent"}, **columns))
    assert not [e for e in accounting(filled)["changed"] if e["step"] == "impute"]
    for split in ("train", "validation", "test"):
        assert before[split] == rows(filled, split)
    assert numeric == schema(filled)["numeric"]


def test_new_rows_are_filled_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    made = recipe({"numeric": "nearest", "categorical": "constant"})
    accord.train(made, output="run")
    model = accord.load("run")
    with Path("other.csv").open(newline="") as stream:
        new = list(csv.DictReader(stream))
    raw = [row | {"place": row["place"] or None} for row in new]
    dataset = next(Path("run").glob("**/test.arrow")).parent
    table = pa.ipc.open_file(dataset / "test.arrow").read_all().to_pylist()
    guarded = model._guard(raw)  # type: ignore[misc]
    told = [np.float32([float(row["x"]), float(row["z"])]).tolist() for row in guarded]
    assert told == [row["numeric"] for row in table]
    assert {row["place"] for row in guarded} == {"north", "south", "missing"}
    alone = [model.predict([row])[0]["label"] for row in raw[:6]]
    assert alone == [answer["label"] for answer in model.predict(raw[:6])]
    judged = accord.evaluate("run", data="other.csv")
    found = [json.loads(path.read_text()) for path in Path("run").glob("**/metrics.json")]
    assert judged["metrics"] == found[0]["test"]["metrics"]


@pytest.mark.parametrize(
    ("impute", "data", "said"),
    [
        ({"numeric": {"kind": "linear", "order_by": "dya"}}, {}, "day"),
        ({"numeric": "medain"}, {}, "median"),
        ({"categorical": "constant"}, {"categorical": []}, "categorical"),
    ],
)
def test_mistakes_are_told(impute: Any, data: Any, said: str, tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(AccordError, match=said):
        prepared(tmp_path, recipe(impute, **data))
