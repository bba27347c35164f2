"""Baselines learn what is there to learn, from prepared data sets alone."""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
import pytest

from accord.evaluate.baseline import baseline_of

FACTS = {"labels": [], "numeric": [], "categorical": [], "pad_id": 0}


def write(folder, schema, tables):
    (folder / "schema.json").write_text(json.dumps(schema))
    for split, columns in tables.items():
        table = pa.table({"row": np.arange(len(columns["label"])), **columns})
        with pa.ipc.new_file(folder / f"{split}.arrow", table.schema) as sink:
            sink.write_table(table)
    return baseline_of(folder, schema, 0)


def tokenizer_at(folder, words):
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    (folder / "tokenizer").mkdir()
    tokenizer.save(str(folder / "tokenizer" / "tokenizer.json"))


def test_text(tmp_path):
    words = ["?", "good", "bad", "film", "plot", "actor"]
    tokenizer_at(tmp_path, words)
    rng = np.random.default_rng(0)

    def split(rows):
        label = rng.integers(0, 2, rows)
        ids = [[1 if y else 2, *rng.integers(3, 6, 3)] for y in label]
        return {"input_ids": pa.array(ids, pa.list_(pa.int32())), "label": label}

    schema = FACTS | {"modality": "text", "problem": "single-label", "labels": ["neg", "pos"]}
    found = write(
        tmp_path, schema, {"train": split(80), "validation": split(20), "test": split(20)}
    )
    assert "TF-IDF" in found["name"] and found["metrics"]["accuracy"] == 1.0
    assert found["validation"]["accuracy"] == 1.0


@pytest.mark.parametrize("problem", ["single-label", "regression"])
def test_table(tmp_path, problem):
    rng = np.random.default_rng(0)

    def split(rows):
        numeric, kind = rng.normal(size=(rows, 2)), rng.integers(0, 3, rows)
        value = numeric[:, 0] + 2.0 * (kind == 1)
        numeric[rng.random(rows) < 0.1, 1] = np.nan
        return {
            "numeric": pa.array(numeric.astype("f4").tolist(), pa.list_(pa.float32())),
            "categorical": pa.array(kind[:, None].tolist(), pa.list_(pa.int32())),
            "label": value if problem == "regression" else (value > 0.5).astype(int),
        }

    schema = FACTS | {
        "modality": "table",
        "problem": problem,
        "labels": [] if problem == "regression" else ["no", "yes"],
        "numeric": [{"name": "a"}, {"name": "b"}],
        "categorical": [{"name": "c", "values": ["x", "y"]}],
    }
    found = write(
        tmp_path, schema, {"train": split(300), "validation": split(60), "test": split(60)}
    )
    metric = "r2" if problem == "regression" else "accuracy"
    assert found["metrics"][metric] > 0.85 and len(found["others"]) == 1


def test_images(tmp_path):
    from PIL import Image

    rng = np.random.default_rng(0)

    def split(rows):
        label, cells = np.arange(rows) % 2, []
        for y in label:
            pixels = rng.integers(0, 60, (8, 8), dtype=np.uint8)
            pixels[:, : 4 if y else 8] += 100
            stream = io.BytesIO()
            Image.fromarray(pixels).save(stream, "png")
            cells.append(stream.getvalue())
        return {"image": cells, "label": label}

    schema = FACTS | {"modality": "image", "problem": "single-label", "labels": ["full", "half"]}
    found = write(
        tmp_path, schema, {"train": split(40), "validation": split(10), "test": split(10)}
    )
    assert found["metrics"]["accuracy"] == 1.0


def test_tokens(tmp_path):
    def split(rows):
        return {
            "words": [["Ada", "went", "home"]] * rows,
            "word_ids": pa.array([[-1, 0, 1, 2, -1]] * rows, pa.list_(pa.int32())),
            "label": pa.array([[-100, 1, 0, 0, -100]] * rows, pa.list_(pa.int32())),
        }

    schema = FACTS | {"modality": "text", "problem": "token-label", "labels": ["O", "B-PER"]}
    found = write(tmp_path, schema, {"train": split(5), "validation": split(2), "test": split(2)})
    assert found["metrics"]["f1"] == 1.0 and found["metrics"]["loss"] > 0


def test_language_model(tmp_path):
    tokenizer_at(tmp_path, ["?", "a", "b", "c"])
    rng = np.random.default_rng(0)

    def split(rows):
        # a is always followed by b; c stands anywhere
        drawn = [rng.random(20) < 0.5 for _ in range(rows)]
        ids = [[token for pair in row for token in ([1, 2] if pair else [3])] for row in drawn]
        return {
            "input_ids": pa.array(ids, pa.list_(pa.int32())),
            "loss_mask": [[False] + [True] * (len(row) - 1) for row in ids],
            "bytes": [len(row) for row in ids],
            "label": np.zeros(rows),
        }

    schema = FACTS | {"modality": "text", "problem": "next-token"}
    found = write(tmp_path, schema, {"train": split(40), "validation": split(9), "test": split(9)})
    assert found["name"] == "bigram entropy"
    (single,) = found["others"]
    assert single["metrics"]["bits_per_byte"] == pytest.approx(np.log2(3), abs=0.1)
    assert found["metrics"]["bits_per_byte"] < single["metrics"]["bits_per_byte"] - 0.3


def test_one_class_has_no_baseline(tmp_path):
    tokenizer_at(tmp_path, ["?", "a"])
    rows = {"input_ids": pa.array([[1], [1]], pa.list_(pa.int32())), "label": [0, 0]}
    schema = FACTS | {"modality": "text", "problem": "single-label", "labels": ["a", "b"]}
    assert write(tmp_path, schema, {"train": rows, "validation": rows, "test": rows}) is None
