"""Canaries that stand in the training rows once, ten and a hundred times."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accord
from accord.audit.exposure import exposure_of
from accord.auditing import audit, lines
from accord.batch import PreparedSplit
from accord.data.canaries import EACH
from accord.errors import AccordError
from accord.model.tokenizer import train_tokenizer
from accord.report.html import write_report
from accord.report.summary import run_artifacts

TABLE: dict[str, Any] = {
    "task": "table-classification",
    "model": {"config": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}},
    "data": {"numeric": ["a", "b"], "label": "label"},
}
BOOK: dict[str, Any] = {
    "task": "causal-lm",
    "model": {
        "config": {"model_type": "gpt2", "n_embd": 32, "n_layer": 1, "n_head": 2},
        "tokenizer": "base",
    },
    "data": {"text": "text", "max_tokens": 32},
}
SETTING: dict[str, Any] = {
    "train": {"epochs": 8, "batch_size": 16, "learning_rate": 3e-3, "precision": "fp32"},
    "evaluate": {"baseline": False, "resamples": 0, "canaries": 60, "repeated": [1, 4, 20]},
    "machine": {"threads": 1},
}


def recipe(folder: Path, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    draw = random.Random(0)
    if asked["task"] == "causal-lm":
        words = [f"w{i}" for i in range(60)]
        rows = [{"text": " ".join(draw.choices(words, k=12))} for _ in range(90)]
        train_tokenizer([row["text"] for row in rows], 300, "gpt2").save(folder / "base")
    else:
        rows = [{"a": draw.gauss(0, 1), "b": draw.gauss(0, 1)} for _ in range(120)]
        rows = [{**row, "label": "yes" if row["a"] > row["b"] else "no"} for row in rows]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    own = {"agreement": "own", "train": str(folder / "rows.jsonl"), "test": 0.3}
    made = {**asked, "data": asked["data"] | own | {"leakage": {"action": "off"}}, **SETTING}
    if "tokenizer" in made["model"]:
        made["model"] = made["model"] | {"tokenizer": str(folder / "base")}
    return made | more


@pytest.mark.parametrize("asked", [TABLE, BOOK], ids=["table", "book"])
def test_what_stands_there_often_is_known_better(asked: dict[str, Any], tmp_path: Path) -> None:
    run = accord.train(recipe(tmp_path, asked), output=tmp_path / "run")
    dataset = run_artifacts(run.path)["dataset"]
    planted = PreparedSplit(dataset, "repeated").table
    assert planted["times"].to_pylist() == [4] * EACH + [20] * EACH
    train = PreparedSplit(dataset, "train").table
    content = "input_ids" if asked is BOOK else "numeric"
    for number, times, own in zip(
        planted["row"].to_pylist(), planted["times"].to_pylist(), planted[content].to_pylist(),
        strict=True,
    ):  # fmt: skip
        copies = [row for row in train.to_pylist() if row["row"] == number]
        assert len(copies) == times and all(row[content] == own for row in copies)
    coins = PreparedSplit(dataset, "canaries").table
    assert not set(coins["row"].to_pylist()) & set(planted["row"].to_pylist())
    found = audit(run.path)
    assert found["verdict"]["bound"]["canaries"] == 60, "repeated ones are no coin's"
    assert len(found["canaries"]["scores"]["in"] + found["canaries"]["scores"]["out"]) == 60
    once, some, many = found["exposure"]["repeated"]
    assert [once["times"], some["times"], many["times"]] == [1, 4, 20]
    assert (once["mean"], some["canaries"]) == (found["exposure"]["mean"], EACH)
    assert many["mean"] > once["mean"] and many["mean"] >= some["mean"]
    assert any("20 times" in line for line in lines(found))
    page = write_report(run.path).read_text("utf-8")
    assert "Exposure of canaries" in page and "20 times:" in page
    assert '<td class="n">20</td>' in page, "the table names times, not their logarithms"
    assert many["loss"] < found["exposure"]["loss_left_out"]
    told = json.loads((dataset / "accounting.json").read_text("utf-8"))["canaries"]
    assert told["repeated"] == {"4": EACH, "20": EACH}


def test_those_of_a_coin_are_the_same_beside_repeated_ones(tmp_path: Path) -> None:
    rows: list[Any] = []
    for name, repeated in (("with", [3]), ("without", [])):
        made = recipe(tmp_path, TABLE)
        made["evaluate"] = made["evaluate"] | {"repeated": repeated}
        run = accord.train(made | {"train": {"steps": 1}}, output=tmp_path / name)
        dataset = run_artifacts(run.path)["dataset"]
        rows.append(PreparedSplit(dataset, "canaries").table.to_pylist())
        assert (dataset / "repeated.arrow").is_file() == bool(repeated)
    assert rows[0] == rows[1]


def test_exposure_of_each_number_of_times_is_ranked_among_those_left_out() -> None:
    losses = np.array([1.0, 9.0, 2.0, 4.0, 6.0])
    included = np.array([True, True, False, False, False])
    found = exposure_of(losses, included, {100: np.array([0.5, 5.0])})
    assert found["ceiling"] == 2.0
    once, hundred = found["repeated"]
    assert (once["least"], once["most"], once["at_ceiling"]) == (0.0, 2.0, 0.5)
    assert (hundred["times"], hundred["most"], hundred["mean"]) == (
        100,
        2.0,
        (2 + np.log2(4 / 3)) / 2,
    )
    assert "repeated" not in exposure_of(losses, included, {})


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"evaluate": {"repeated": [10]}}, "needs `evaluate.canaries`"),
        ({"evaluate": {"repeated": [0], "canaries": 60}}, "evaluate.repeated"),
        ({"privacy": {"epsilon": 8, "ranges": {"a": [-4, 4], "b": [-4, 4]}}}, "are one unit"),
    ],
)
def test_what_has_no_meaning_is_refused(change: dict[str, Any], why: str, tmp_path: Path) -> None:
    with pytest.raises(AccordError, match=why):
        accord.check(recipe(tmp_path, TABLE) | change)
