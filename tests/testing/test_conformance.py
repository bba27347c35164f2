"""Every part that is installed keeps the contract of its slot."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from accord import testing
from accord.part import SLOTS, parts
from accord.testing.data import tiny_image
from accord.testing.records import ROWS

TABLE = pa.table(
    {
        "text": [f"line {i}, with 'quotes' and 中文" for i in range(ROWS)],
        "label": ["glad" if i % 2 else "sad" for i in range(ROWS)],
    }
)


def _halves(folder: Path, suffix: str):
    for name, rows in (("a", TABLE.slice(0, 5)), ("b", TABLE.slice(5))):
        yield folder / f"{name}.{suffix}", rows


def _csv(self, folder: Path) -> pa.Table:
    for path, rows in _halves(folder, "csv"):
        stream = io.StringIO()
        writer = csv.DictWriter(stream, rows.column_names)
        writer.writeheader()
        writer.writerows(rows.to_pylist())
        path.write_text(stream.getvalue(), encoding="utf-8")
    return TABLE


def _jsonl(self, folder: Path) -> pa.Table:
    for path, rows in _halves(folder, "jsonl"):
        lines = (json.dumps(row, ensure_ascii=False) for row in rows.to_pylist())
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return TABLE


def _parquet(self, folder: Path) -> pa.Table:
    for path, rows in _halves(folder, "parquet"):
        pq.write_table(rows, path)
    return TABLE


def _arrow(self, folder: Path) -> pa.Table:
    for path, rows in _halves(folder, "arrow"):
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
    return TABLE


def _text(self, folder: Path) -> pa.Table:
    for path, rows in _halves(folder, "txt"):
        path.write_text("\n".join(rows["text"].to_pylist()) + "\n", encoding="utf-8")
    return TABLE.select(["text"])


def _images(self, folder: Path) -> pa.Table:
    rows = []
    for label in ("blue", "red"):
        (folder / label).mkdir()
        for i in range(5):
            content = tiny_image((20 * i, 60, 200 if label == "blue" else 30))
            (folder / label / f"{i}.png").write_bytes(content)
            rows.append({"image": content, "label": label, "file_name": f"{i}.png"})
    return pa.Table.from_pylist(rows)


def _huggingface(self, folder: Path) -> pa.Table:
    datasets = pytest.importorskip("datasets")
    datasets.Dataset(TABLE).save_to_disk(str(folder))
    return TABLE


WRITERS = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
    "arrow": _arrow,
    "text": _text,
    "image-folder": _images,
    "huggingface": _huggingface,
}

BERT = {"config": {"model_type": "bert", "vocab_size": 200}}
LLAMA = {"config": {"model_type": "llama", "vocab_size": 300}}
WORDS = [text.split() for text in TABLE["text"].to_pylist()]
TAGS = [["O", "B-NUM", *["O"] * (len(words) - 2)] for words in WORDS]
NUMBERS = {
    "height": pa.array([1.5 + i / 10 if i else float("nan") for i in range(ROWS)]),
    "colour": pa.array(["red", "blue", None] * (ROWS // 3)),
}
COLUMNS = {"numeric": ["height"], "categorical": ["colour"], "label": "label"}
RECIPES = {
    "text-classification": (
        {"model": BERT, "data": {"text": "text", "label": "label"}},
        (pa.RecordBatch.from_pydict(dict(zip(TABLE.column_names, TABLE.columns, strict=True)) | {
            name: TABLE[name].combine_chunks() for name in TABLE.column_names}), ("glad", "sad")),
    ),
    "token-classification": (
        {"model": BERT, "data": {"tokens": "words", "label": "tags"}},
        (pa.RecordBatch.from_pydict({"words": pa.array(WORDS), "tags": pa.array(TAGS)}),
         ("O", "B-NUM")),
    ),
    "causal-lm": (
        {"model": LLAMA, "data": {"text": "text", "max_tokens": 32}},
        (pa.RecordBatch.from_pydict({"text": TABLE["text"].combine_chunks()}), ()),
    ),
    "image-classification": (
        {"model": {"config": {"model_type": "vit", "image_size": 16}},
         "data": {"image": "image", "label": "label"}},
        (pa.RecordBatch.from_pydict({
            "image": pa.array([tiny_image((20 * i, 60, 20)) for i in range(ROWS)], pa.binary()),
            "label": TABLE["label"].combine_chunks(),
        }), ("glad", "sad")),
    ),
    "table-classification": (
        {"model": {}, "data": COLUMNS},
        (pa.RecordBatch.from_pydict({**NUMBERS, "label": TABLE["label"].combine_chunks()}),
         ("glad", "sad")),
    ),
    "table-regression": (
        {"model": {}, "data": COLUMNS},
        (pa.RecordBatch.from_pydict(
            {**NUMBERS, "label": pa.array([float(i) for i in range(ROWS)])}), ()),
    ),
}  # fmt: skip

CONTRACTS = {slot: getattr(testing, f"{slot.capitalize()}Contract") for slot in SLOTS}


def _told(slot: str, kind: str) -> dict[str, object]:
    """What a contract must be told of a part that ships with Accord; plug-ins tell their own."""
    if slot == "reader":
        return {"write": WRITERS[kind], "whole_folder": kind == "huggingface"}
    if slot == "encoder":
        sections, rows = RECIPES[kind]
        return {"recipe": lambda self, folder: sections, "rows": lambda self: rows}
    return {}


for _slot, _contract in CONTRACTS.items():
    for _kind, _part in parts(_slot).items():
        if not _part.build.__module__.startswith("accord."):
            continue
        _name = f"Test_{_slot}_{_kind.replace('-', '_')}"
        globals()[_name] = type(_name, (_contract,), {"part": _part, **_told(_slot, _kind)})


def test_every_slot_has_a_contract() -> None:
    assert {contract.slot for contract in CONTRACTS.values()} == set(SLOTS)
