"""Tables, tags, images and the preview: what reaches the model is what stood in the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from accord.agreement.stage import permit_for
from accord.data import preview as module
from accord.data.preview import preview
from accord.errors import DataError
from tests.data.sources import accounting, csv_text, prepared, recipe

TABLE: dict[str, Any] = {"config": {"model_type": "accord-ft-transformer"}}


def _rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    with pa.memory_map(str(dataset.path / f"{split}.arrow")) as stream:
        return pa.ipc.open_file(stream).read_all().to_pylist()


def _schema(dataset: Any) -> dict[str, Any]:
    return json.loads((dataset.path / "schema.json").read_text())


def test_tables(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    lines: list[tuple[object, ...]] = []
    for i in range(200):
        area = "" if i % 10 == 0 else round(float(chance.normal(50, 10)), 3)
        lines.append((area, ("Rome", "Oslo", "")[i % 3], i * 1.5))
    (tmp_path / "rows.csv").write_text(csv_text([("area", "city", "price"), *lines]))
    asked = recipe("table-regression", TABLE, numeric=["area"], categorical=["city"], label="price")
    dataset = prepared(tmp_path, asked)
    schema, train = _schema(dataset), _rows(dataset, "train")
    assert schema["problem"] == "regression" and schema["labels"] == []
    assert schema["categorical"] == [{"name": "city", "values": ["Oslo", "Rome"]}]
    values = np.array([row["numeric"][0] for row in train], dtype=np.float64)
    known = values[~np.isnan(values)]
    told = schema["numeric"][0]
    assert told["mean"] == pytest.approx(known.mean(), rel=1e-5)
    assert told["std"] == pytest.approx(known.std(), rel=1e-5)
    assert told["median"] == pytest.approx(np.median(known), rel=1e-5)
    target = np.array([row["label"] for row in train])
    assert schema["target"]["mean"] == pytest.approx(target.mean())
    for row in train:
        area, city, price = lines[row["row"]]
        assert row["label"] == pytest.approx(price)
        assert row["categorical"] == [{"Oslo": 1, "Rome": 2}.get(str(city), 0)]
        assert np.isnan(row["numeric"][0]) if area == "" else row["numeric"][0] > 0


def test_numbers_that_are_none(tmp_path: Path) -> None:
    lines = [(i, i % 2) for i in range(30)] + [("many", 1), ("NA", 0)]
    (tmp_path / "rows.csv").write_text(csv_text([("a", "label"), *lines]))
    asked = recipe("table-classification", TABLE, numeric=["a"], label="label", on_bad_row="skip")
    found = accounting(prepared(tmp_path, asked))
    assert {e["reason"]: e["rows"] for e in found["removed"]} == {"not-a-number": 1}
    assert sum(found["rows"].values()) == 31


def test_tags(tmp_path: Path) -> None:
    lines = [
        {"w": ["Anna", "lives", "in", "Rome", str(i)], "t": ["P", "O", "O", "L", "O"]}
        for i in range(40)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = recipe("token-classification", train="rows.jsonl", tokens="w", label="t")
    dataset = prepared(tmp_path, asked)
    assert _schema(dataset)["labels"] == ["L", "O", "P"]
    for row in _rows(dataset, "test"):
        assert row["words"] == lines[row["row"]]["w"]
        first = [row["word_ids"].index(word) for word in range(5)]
        assert [row["label"][at] for at in first] == [2, 1, 1, 0, 1]
        assert sum(tag != -100 for tag in row["label"]) == 5
    lines[3]["t"] = ["P"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, asked, "uneven")
    assert caught.value.code == "bad-row"
    assert "1 tags" in str(caught.value)


def _png(value: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (6, 4), (value, 0, 0)).save(stream, format="PNG")
    return stream.getvalue()


def test_images_beside_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(30):
        (folder / f"{i}.png").write_bytes(_png(i))
    (folder / "broken.png").write_bytes(_png(1)[:40])
    (tmp_path / "outside.png").write_bytes(_png(1))
    names = [f"images/{i}.png" for i in range(30)]
    bad = ["images/broken.png", "images/none.png", "../outside.png", "x" * 5000]
    lines = [(name, i % 2) for i, name in enumerate(names + bad)]
    (tmp_path / "rows.csv").write_text(csv_text([("file", "label"), *lines]))
    asked = recipe(
        "image-classification",
        {"config": {"model_type": "vit", "image_size": 8}},
        image="file",
        label="label",
        on_bad_row="skip",
    )
    dataset = prepared(tmp_path, asked)
    removed = {e["reason"]: e["rows"] for e in accounting(dataset)["removed"]}
    assert removed == {"broken-image": 3, "image-outside": 1}
    assert _schema(dataset)["image"]["size"] == [8, 8]
    for row in _rows(dataset, "train"):
        assert row["image"] == _png(row["row"])


def test_slices_are_text(tmp_path: Path) -> None:
    lines = [(f"text {i}", i % 2, i % 3 / 2) for i in range(40)]
    (tmp_path / "rows.csv").write_text(csv_text([("text", "label", "part"), *lines]))
    asked = recipe()
    sliced = asked.evaluate.model_copy(update={"slices": ("part", "label")})
    dataset = prepared(tmp_path, asked.model_copy(update={"evaluate": sliced}))
    for row in _rows(dataset, "test"):
        assert row["slice:label"] == str(row["label"])
        assert row["slice:part"] == str(lines[row["row"]][2])


def test_the_preview_shows_what_is_learned(tmp_path: Path) -> None:
    lines = [{"p": f"question {i} ", "c": f"answer {i}"} for i in range(40)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    asked = recipe(
        "causal-lm",
        {"config": {"model_type": "gpt2", "vocab_size": 400}},
        train="rows.jsonl",
        prompt="p",
        completion="c",
        pack=False,
    )
    shown = preview(asked, permit_for(asked, tmp_path), tmp_path)
    assert shown.complete and dict(shown.rows) == {"train": 28, "validation": 4, "test": 8}
    # The tokenizer keeps a space with the word after it; that word is learned as a whole.
    assert shown.batch[0] == "question 0« answer 0<|endoftext|>»"


def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks: Iterator[float] = iter(range(1000))
    monkeypatch.setattr(module.time, "monotonic", lambda: float(next(ticks)))


def test_the_preview_of_a_sorted_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first class has been seen when time is up: no reason to call it the only one."""
    lines = [(f"text {i}", "a" if i < 3000 else "b") for i in range(6000)]
    (tmp_path / "rows.csv").write_text(csv_text([("text", "label"), *lines]))
    _slow(monkeypatch)
    shown = preview(recipe(), permit_for(recipe(), tmp_path), tmp_path)
    assert not shown.complete
    assert shown.batch[0].endswith("«a»")


def test_the_preview_names_bad_rows(tmp_path: Path) -> None:
    lines = [(f"text {i}", i % 2) for i in range(30)] + [("", 1)]
    (tmp_path / "rows.csv").write_text(csv_text([("text", "label"), *lines]))
    with pytest.raises(DataError) as caught:
        preview(recipe(), permit_for(recipe(), tmp_path), tmp_path)
    assert caught.value.code == "bad-row"
    asked = recipe(on_bad_row="skip")
    assert preview(asked, permit_for(asked, tmp_path), tmp_path).rejected == {"null-text": 1}
