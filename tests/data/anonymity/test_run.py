"""A run on people of whom none stands out, and new rows for its model."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from pathlib import Path

import pyarrow as pa

import accord
from accord.data.incoming import guard
from accord.data.premise import premise
from accord.recipe.load import recipe_from


def write(folder: Path) -> None:
    chance = random.Random(0)
    with (folder / "people.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["age", "weight", "sex", "ill"])
        for _ in range(200):
            age = chance.randrange(20, 80)
            ill = "yes" if age + chance.randrange(-20, 20) > 50 else "no"
            writer.writerow([age, chance.randrange(50, 100), chance.choice("mf"), ill])


def test_a_check_shows_no_row_as_it_stood(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "recipe.yaml").write_text(
        "task: table-classification\n"
        "data: {agreement: own, train: people.csv, numeric: [age, weight], categorical: [sex],\n"
        "  label: ill}\n"
        "protect: {anonymity: {quasi: {age: interval, ill: whole}, k: 10}}\n"
    )
    found = accord.check(tmp_path / "recipe.yaml").to_json()
    assert found["data"]["rows"]["train"] == 140
    assert (found["data"]["batch"], found["data"]["labels"]) == ((), {})
    assert found["data"]["hidden"]


def test_training_sees_no_row_that_stands_out(tmp_path: Path) -> None:
    write(tmp_path)
    config = {"model_type": "accord-ft-transformer", "hidden_size": 16, "num_hidden_layers": 1}
    recipe = {
        "task": "table-classification",
        "model": {"config": config},
        "data": {
            "agreement": "own", "train": str(tmp_path / "people.csv"), "label": "ill",
            "numeric": ["age", "weight"], "categorical": ["sex"],
        },
        "protect": {"anonymity": {"quasi": {"age": "interval", "sex": "whole"}, "k": 10}},
        "train": {"steps": 4, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
    }  # fmt: skip
    run = accord.train(recipe, output=tmp_path / "run")
    (dataset,) = run.path.glob("artifacts/dataset-*")
    rows = [
        (row["numeric"][0], row["categorical"][0])
        for split in ("train", "validation", "test")
        for row in pa.ipc.open_file(dataset / f"{split}.arrow").read_all().to_pylist()
    ]
    told = run.summary["data"]["anonymity"]
    assert min(Counter(rows).values()) >= 10
    assert told["before"]["k"] < 10 <= told["after"]["k"]
    predictor = accord.load(run.path)
    protected = guard(predictor.facts, tmp_path)
    assert protected is not None
    (row,) = protected([{"age": 33, "weight": 71, "sex": "m"}])
    assert row["age"] in {age for age, _ in rows}
    assert row["weight"] == 71
    assert predictor.predict([{"age": 33, "weight": 71, "sex": "m"}])[0]["label"] in ("yes", "no")


def test_another_key_is_another_premise(tmp_path: Path) -> None:
    (tmp_path / "staff.txt").write_text("Ada\n", "utf-8")
    loaded = recipe_from(
        {
            "task": "text-classification",
            "model": {"base": "minilm"},
            "data": {"agreement": "own", "train": "a.csv", "text": "text", "label": "label"},
            "protect": {
                "entities": "all", "action": "pseudonym", "key": "file:key",
                "lists": {"staff": "staff.txt"},
            },
        }
    )  # fmt: skip
    found = []
    for key, names in (("1" * 32, "Ada\n"), ("2" * 32, "Ada\n"), ("2" * 32, "Bob\n")):
        (tmp_path / "key").write_text(key)
        (tmp_path / "key").chmod(0o600)
        (tmp_path / "staff.txt").write_text(names, "utf-8")
        found.append(json.dumps(premise(loaded.recipe, tmp_path)))
        assert key not in found[-1]
    assert len(set(found)) == 3


def test_what_a_model_is_asked_is_protected(tmp_path: Path) -> None:
    spec = {"entities": "all", "actions": {"email": "drop"}}
    facts = {
        "task": "text-classification", "columns": {"text": "text", "label": "label"},
        "protect": {"spec": spec, "anonymity": {}},
    }  # fmt: skip
    protected = guard(facts, tmp_path)
    assert protected is not None
    asked = ["write to ada@example.org", {"text": "ada@example.org", "other": "ada@example.org"}]
    assert protected(asked) == [
        "write to [EMAIL]",
        {"text": "[EMAIL]", "other": "ada@example.org"},
    ]
