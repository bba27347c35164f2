"""Every row of a data set says where it comes from, and so does every leak that was found."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.data.sources import accounting, csv_text, prepared, recipe


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(csv_text([("text", "label"), *rows]), "utf-8", newline="")


def _texts(first: int, last: int) -> list[tuple[str, str]]:
    """Texts that have nothing in common."""
    digests = (hashlib.sha256(str(i).encode()).hexdigest() for i in range(first, last))
    return [(digest, str(i % 2)) for i, digest in enumerate(digests)]


def _table(dataset: Any, split: str) -> list[dict[str, Any]]:
    with pa.memory_map(str(dataset.path / f"{split}.arrow")) as stream:
        return pa.ipc.open_file(stream).read_all().to_pylist()


def test_assets_and_files_of_the_rows(tmp_path: Path) -> None:
    texts = _texts(0, 100)
    _write(tmp_path / "a" / "1.csv", [*texts[:20], ("", "0")])
    _write(tmp_path / "a" / "2.csv", texts[20:50])
    _write(tmp_path / "b.csv", texts[50:80])
    _write(tmp_path / "test.csv", texts[80:])
    asked = recipe(train=["a/*.csv", "b.csv"], test="test.csv", on_bad_row="skip")
    dataset = prepared(tmp_path, asked)
    schema = json.loads((dataset.path / "schema.json").read_text())
    found = {split: _table(dataset, split) for split in ("train", "validation", "test")}
    for asset, counts in schema["assets"].items():
        for split, rows in found.items():
            assert counts[split] == sum(row["asset"] == asset for row in rows)
    assert list(schema["assets"]) == ["own/train-1", "own/train-2", "own/test"]
    sources = json.loads((dataset.path / "sources.json").read_text())
    assert sources == [
        {"asset": "own/train-1", "file": "1.csv", "first": 0, "last": 19, "rows": 20},
        {"asset": "own/train-1", "file": "2.csv", "first": 21, "last": 50, "rows": 30},
        {"asset": "own/train-2", "file": "b.csv", "first": 51, "last": 80, "rows": 30},
        {"asset": "own/test", "file": "test.csv", "first": 0, "last": 19, "rows": 20},
    ]
    for row in found["validation"]:
        place = row["row"] - (row["row"] > 20)
        assert row["display"] == texts[place][0]


def test_a_place_is_no_part_of_it(tmp_path: Path) -> None:
    digests: set[str] = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        _write(tmp_path / name / "rows.csv", _texts(0, 40))
        digests.add(prepared(tmp_path / name, recipe()).manifest.digest)
    assert len(digests) == 1


def test_packed_documents_keep_their_assets(tmp_path: Path) -> None:
    _write(tmp_path / "a.csv", _texts(0, 40))
    _write(tmp_path / "b.csv", _texts(40, 80))
    asked = recipe(
        "causal-lm",
        {"config": {"model_type": "gpt2", "vocab_size": 300}},
        train=["a.csv", "b.csv"],
        text="text",
        max_tokens=64,
    )
    dataset = prepared(tmp_path, asked)
    seen: set[tuple[str, int]] = set()
    for row in _table(dataset, "train"):
        pairs = zip(row["document_assets"], row["documents"], strict=True)
        for asset, number in pairs:
            assert asset == ("own/train-1" if number < 40 else "own/train-2")
            seen.add((asset, number))
    assert len({asset for asset, _ in seen}) == 2


def test_leaks_name_rows_and_no_text(tmp_path: Path) -> None:
    texts = _texts(0, 90)
    _write(tmp_path / "rows.csv", [("", "0"), *texts[:60]])
    _write(tmp_path / "test.csv", [*texts[:5], *texts[60:]])
    asked = recipe(
        test="test.csv", on_bad_row="skip", leakage={"similarity": 1.0, "action": "drop"}
    )
    found = accounting(prepared(tmp_path, asked))
    examples = found["leakage"]["examples"]
    assert len(examples) == 5
    for example in examples:
        earlier, later = example["rows"]
        assert earlier == {"asset": "own/train", "row": later["row"] + 1}  # past the bad row
        assert later["asset"] == "own/test"
    removed = [e for e in found["removed"] if e["step"] == "leakage"]
    assert sum(e["rows"] for e in removed) == 5
    assert all(e["rows"] == len(e["examples"]) for e in removed)
    told = {shown["detail"] for e in removed for shown in e["examples"]}
    row = examples[0]["rows"][0]["row"]
    assert f"own/train row {row} also stands in own/test row {row - 1}" in told
    shown = json.dumps(found["leakage"]) + json.dumps(removed)
    assert not any(text in shown for text, _ in texts)
