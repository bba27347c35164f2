"""Small prepared data sets, written as the data stage writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa


def write_split(folder: Path, split: str, columns: dict[str, Any], schema: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    table = pa.table(columns)
    with (
        pa.OSFile(str(folder / f"{split}.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, table.schema) as writer,
    ):
        writer.write_table(table, max_chunksize=64)


def classification(folder: Path, rows: int, *, seed: int = 0, longest: int = 24) -> Path:
    """Random token rows; the label says whether token 7 occurs more often than token 9."""
    rng = np.random.default_rng(seed)
    ids = [rng.integers(5, 40, rng.integers(3, longest)).tolist() for _ in range(rows)]
    labels = [int(row.count(7) + row.count(11) > row.count(9)) for row in ids]
    schema = _text_schema("text-classification", "single-label", ["no", "yes"])
    columns = {
        "row": pa.array(range(rows), pa.int64()),
        "input_ids": pa.array(ids, pa.list_(pa.int32())),
        "label": pa.array(labels, pa.int32()),
    }
    for split in ("train", "validation", "test"):
        write_split(folder, split, columns, schema)
    return folder


def language(folder: Path, documents: list[list[int]], packs: list[list[int]]) -> Path:
    """Rows that pack the given documents (indices) one after the other."""
    rows = [[token for d in pack for token in documents[d]] for pack in packs]
    masks = [[i > 0 for d in pack for i in range(len(documents[d]))] for pack in packs]
    lengths = [[len(documents[d]) for d in pack] for pack in packs]
    columns = {
        "row": pa.array(range(len(rows)), pa.int64()),
        "input_ids": pa.array(rows, pa.list_(pa.int32())),
        "loss_mask": pa.array(masks, pa.list_(pa.bool_())),
        "lengths": pa.array(lengths, pa.list_(pa.int32())),
        "bytes": pa.array([len(row) for row in rows], pa.int64()),
    }
    schema = _text_schema("causal-lm", "next-token", [])
    for split in ("train", "validation", "test"):
        write_split(folder, split, columns, schema)
    return folder


def _text_schema(task: str, problem: str, labels: list[str]) -> dict[str, Any]:
    return {
        "task": task,
        "problem": problem,
        "modality": "text",
        "labels": labels,
        "pad_id": 0,
        "max_tokens": 64,
    }
