"""The data stage as a whole: what it makes, what it counts, what it refuses."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accord.errors import AccordError, DataError
from accord.recipe.tree import Recipe
from tests.data.sources import accounting, csv_text, prepared, recipe


def _texts(count: int) -> list[tuple[str, str]]:
    return [
        (f"row {i} says {'good' if i % 2 else 'bad'} {i * 7919}", str(i % 2)) for i in range(count)
    ]


def _write(folder: Path, rows: Sequence[tuple[str, ...]], name: str = "rows.csv") -> None:
    (folder / name).write_text(csv_text([("text", "label"), *rows]), "utf-8")


def _table(dataset: Any, split: str) -> pa.Table:
    with pa.memory_map(str(dataset.path / f"{split}.arrow")) as stream:
        return pa.ipc.open_file(stream).read_all()


def _code(folder: Path, asked: Recipe) -> str:
    with pytest.raises(AccordError) as caught:
        prepared(folder, asked)
    return caught.value.code


def test_rows_and_schema(tmp_path: Path) -> None:
    rows = _texts(100)
    _write(tmp_path, rows)
    dataset = prepared(tmp_path, recipe())
    tables = {name: _table(dataset, name) for name in ("train", "validation", "test")}
    assert [t.num_rows for t in tables.values()] == [70, 10, 20]
    numbers = [n for t in tables.values() for n in t["row"].to_pylist()]
    assert sorted(numbers) == list(range(100))
    schema = json.loads((dataset.path / "schema.json").read_text())
    assert schema["problem"] == "single-label" and schema["labels"] == ["0", "1"]
    for row in tables["test"].to_pylist():
        assert row["display"] == rows[row["row"]][0]
        assert str(row["label"]) == rows[row["row"]][1]
    assert {len(ids) for t in tables.values() for ids in t["input_ids"].to_pylist()} != {0}


def test_the_artifact_does_not_depend_on_block_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = _texts(150)
    lines = [{"text": t, "label": int(y)} | ({"part": "x"} if int(y) else {}) for t, y in rows]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    digests: set[str] = set()
    for size in (2048, 64, 7):
        monkeypatch.setattr("accord.data.passes.BATCH_ROWS", size)
        dataset = prepared(tmp_path, recipe(train="rows.jsonl", group="text"), f"run-{size}")
        digests.add(dataset.manifest.digest)
    assert len(digests) == 1


BAD = [("", "1"), ("no label", ""), ("  ", "0")]


def test_bad_rows_fail(tmp_path: Path) -> None:
    _write(tmp_path, _texts(40) + BAD)
    with pytest.raises(DataError, match="3 rows cannot be used") as caught:
        prepared(tmp_path, recipe())
    assert caught.value.code == "bad-row"
    assert "row 40, column 'text'" in str(caught.value)
    assert not list((tmp_path / "run").glob("dataset-*"))


def test_only_bad_rows_are_called_so(tmp_path: Path) -> None:
    """Not an empty split, which only follows from it."""
    _write(tmp_path, BAD)
    assert _code(tmp_path, recipe()) == "bad-row"


@pytest.mark.parametrize("policy", ["skip", "quarantine"])
def test_bad_rows_are_accounted_for(tmp_path: Path, policy: str) -> None:
    _write(tmp_path, BAD + _texts(40) + [("ragged",)])
    dataset = prepared(tmp_path, recipe(on_bad_row=policy))
    found = accounting(dataset)
    assert found["read"] == 44
    assert sum(found["rows"].values()) + sum(e["rows"] for e in found["removed"]) == 44
    reasons = {e["reason"]: e["rows"] for e in found["removed"]}
    assert reasons == {"empty-text": 1, "null-text": 1, "null-label": 1, "ragged-row": 1}
    assert found["kept"] == found["rows"]
    aside = dataset.path / "quarantine.jsonl"
    assert aside.exists() == (policy == "quarantine")
    if aside.exists():
        rows = [json.loads(line) for line in aside.read_text("utf-8").splitlines()]
        assert sorted(row["row"] for row in rows) == [0, 1, 2, 43]
        content = {row["row"]: row["content"] for row in rows}
        assert content[1] == {"text": "no label", "label": None}


def test_bad_rows_are_numbered_on_from_file_to_file(tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    _write(tmp_path / "rows", _texts(30), "a.csv")
    _write(tmp_path / "rows", [*_texts(60)[30:], ("", "1"), ("ragged",)], "b.csv")
    dataset = prepared(tmp_path, recipe(train="rows", on_bad_row="quarantine"))
    lines = (dataset.path / "quarantine.jsonl").read_text("utf-8").splitlines()
    assert sorted(json.loads(line)["row"] for line in lines) == [60, 61]


def test_leaks_are_reported_dropped_or_refused(tmp_path: Path) -> None:
    _write(tmp_path, _texts(60))
    _write(tmp_path, [*_texts(60)[:5], *_texts(90)[60:]], "test.csv")
    asked: dict[str, Any] = {"test": "test.csv", "leakage": {"similarity": 1.0}}
    found = accounting(prepared(tmp_path, recipe("text-classification", **asked)))
    exact = found["leakage"]["exact"]
    assert exact["train-test"] + exact["validation-test"] == 5
    assert found["read"] == 95 == sum(found["rows"].values())
    asked["leakage"] = {"similarity": 1.0, "action": "drop"}
    dataset = prepared(tmp_path, recipe("text-classification", **asked), "dropped")
    found = accounting(dataset)
    assert found["rows"] | {"train": 0, "validation": 0} == {
        "train": 0,
        "validation": 0,
        "test": 35,
    }
    assert {e["reason"] for e in found["removed"]} == {"stands-in-two-splits"}
    assert sum(e["rows"] for e in found["removed"]) == 5
    assert found["rows"]["train"] + found["rows"]["validation"] == 60
    held = set(_table(dataset, "test")["display"].to_pylist())
    assert not held & set(_table(dataset, "validation")["display"].to_pylist())
    asked["leakage"] = {"similarity": 1.0, "action": "fail"}
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, recipe("text-classification", **asked), "refused")
    assert caught.value.code == "leakage"


def test_what_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, [(t, "1") for t, _ in _texts(30)])
    assert _code(tmp_path, recipe()) == "one-class"


def test_an_unseen_class(tmp_path: Path) -> None:
    _write(tmp_path, _texts(30))
    _write(tmp_path, [("something new", "2"), ("old", "1")], "test.csv")
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, recipe(test="test.csv"))
    assert caught.value.code == "class-unseen"
    assert caught.value.got == "2"


def test_an_empty_split(tmp_path: Path) -> None:
    _write(tmp_path, _texts(4))
    assert _code(tmp_path, recipe(validation=0.01)) == "split-empty"


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    _write(tmp_path, _texts(30))
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, recipe(text="txt"))
    assert caught.value.code == "column-missing"
    assert caught.value.fix == "did you mean 'text'?"


LABELS = {
    "string": pa.array(["no", "yes"] * 15),
    "large_string": pa.array(["no", "yes"] * 15, pa.large_string()),
    "view": pa.array(["no", "yes"] * 15, pa.string_view()),
    "dictionary": pa.array(["no", "yes"] * 15).dictionary_encode(),
    "numbers": pa.array([0, 1] * 15).dictionary_encode(),
    "integer": pa.array([0, 1] * 15),
    "float": pa.array([0.0, 1.0] * 15),
    "boolean": pa.array([False, True] * 15),
    "date": pa.array([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)] * 15),
    "decimal": pa.array([decimal.Decimal("0.5"), decimal.Decimal("1.5")] * 15),
}


@pytest.mark.parametrize("kind", LABELS)
def test_types_of_labels(tmp_path: Path, kind: str) -> None:
    texts = pa.array([t for t, _ in _texts(30)], pa.large_string())
    with pa.OSFile(str(tmp_path / "rows.arrow"), "wb") as sink:
        batch = pa.record_batch({"text": texts, "label": LABELS[kind]})
        with pa.ipc.new_file(sink, batch.schema) as writer:
            writer.write_batch(batch)
    dataset = prepared(tmp_path, recipe(train="rows.arrow"))
    schema = json.loads((dataset.path / "schema.json").read_text())
    assert schema["problem"] == "single-label" and len(schema["labels"]) == 2
    assert "1.0" not in schema["labels"]


@pytest.mark.parametrize("kind", [pa.list_, pa.large_list, lambda t: pa.list_(t, 2)])
def test_lists_of_labels(tmp_path: Path, kind: Any) -> None:
    labels = pa.array([["a", "b"], ["c", "a"]] * 15, kind(pa.string()))
    table = pa.table({"text": [t for t, _ in _texts(30)], "label": labels})
    pq.write_table(table, tmp_path / "rows.parquet")
    dataset = prepared(tmp_path, recipe(train="rows.parquet"))
    schema = json.loads((dataset.path / "schema.json").read_text())
    assert schema["problem"] == "multi-label" and schema["labels"] == ["a", "b", "c"]


def test_a_column_that_is_no_text(tmp_path: Path) -> None:
    table = pa.table({"text": [{"a": 1}] * 30, "label": [0, 1] * 15})
    pq.write_table(table, tmp_path / "rows.parquet")
    assert _code(tmp_path, recipe(train="rows.parquet")) == "column-type"


def test_packed_language_model_rows(tmp_path: Path) -> None:
    texts = [f"line {i} " + "word " * (i % 40) for i in range(60)]
    (tmp_path / "rows.txt").write_text("\n".join(texts))
    asked = recipe(
        "causal-lm",
        {"config": {"model_type": "gpt2", "vocab_size": 300}},
        train="rows.txt",
        text="text",
        max_tokens=32,
        leakage={"action": "off"},
    )
    dataset = prepared(tmp_path, asked)
    total = 0
    for split in ("train", "validation", "test"):
        for row in _table(dataset, split).to_pylist():
            assert sum(row["lengths"]) == len(row["input_ids"]) == len(row["loss_mask"]) <= 32
            starts = [sum(row["lengths"][:i]) for i in range(len(row["lengths"]))]
            assert not any(row["loss_mask"][start] for start in starts)
            total += row["bytes"]
    whole = sum(len(text.encode()) for text in texts)
    assert 0.8 * whole < total < whole


def test_rows_with_nothing_left_to_learn_are_counted(tmp_path: Path) -> None:
    lines = [{"p": "long " * 50, "c": "answer"}] * 3
    lines += [{"p": f"question {i}", "c": f" answer {i}"} for i in range(30)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = recipe(
        "causal-lm",
        {"config": {"model_type": "gpt2", "vocab_size": 300}},
        train="rows.jsonl",
        prompt="p",
        completion="c",
        max_tokens=24,
        leakage={"action": "off"},
    )
    found = accounting(prepared(tmp_path, asked))["removed"]
    assert {e["reason"] for e in found} == {"nothing-left-to-learn"}
    assert sum(e["rows"] for e in found) == 3
