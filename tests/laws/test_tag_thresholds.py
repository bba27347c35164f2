"""Thresholds of tags: one factor an entity type, tuned on validation words and saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import accord
from accord.batch import PreparedSplit
from accord.recipe.load import recipe_from
from accord.train.order import order_of

NAMES = ("anna", "berta", "carl", "dora")


def rows(path: Path, start: int, stop: int) -> str:
    """Words of which names are entities now and then; every twelfth row names a firm."""
    chance, lines = np.random.default_rng(start), list[str]()
    for number in range(start, stop):
        words = [f"w{chance.integers(9)}" for _ in range(5)]
        tags = ["O"] * 5
        words[2] = NAMES[int(chance.integers(4))]
        tags[2] = "B-PER" if chance.random() < 0.45 else "O"
        if number % 12 == 0:
            words[0], words[1], tags[0], tags[1] = "firm", "ltd", "B-ORG", "I-ORG"
        lines.append(json.dumps({"words": words, "tags": tags}))
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def tagging(folder: Path, **balance: Any) -> dict[str, Any]:
    words = ["[PAD]", "[UNK]", "firm", "ltd", *NAMES, *(f"w{i}" for i in range(9))]
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    made = {"model_type": "bert", **size, "intermediate_size": 32, "max_position_embeddings": 16}
    (folder / "tokenizer").mkdir(exist_ok=True)
    tokenizer = {
        "version": "1.0",
        "model": {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(words)},
                  "unk_token": "[UNK]"},
        "pre_tokenizer": {"type": "Whitespace"},
        "added_tokens": [
            {"id": i, "content": w, "single_word": False, "lstrip": False, "rstrip": False,
             "normalized": False, "special": True} for i, w in enumerate(words[:2])
        ],
    }  # fmt: skip
    (folder / "tokenizer/tokenizer.json").write_text(json.dumps(tokenizer))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps(special))
    return {
        "task": "token-classification",
        "model": {"config": {**made, "vocab_size": 40}, "tokenizer": str(folder / "tokenizer")},
        "data": {
            "agreement": "own",
            "train": rows(folder / "a.jsonl", 0, 120),
            "validation": rows(folder / "b.jsonl", 200, 260),
            "test": rows(folder / "c.jsonl", 300, 360),
            "tokens": "words",
            "label": "tags",
            "max_tokens": 16,
            "leakage": {"action": "off"},
        },
        "balance": balance,
        "train": {"epochs": 4, "batch_size": 32, "precision": "fp32", "learning_rate": 0.01},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1, "workers": 0},
    }


def test_tags_are_decided_by_thresholds_of_their_types(tmp_path: Path) -> None:
    plain = accord.train(tagging(tmp_path), output=tmp_path / "plain")
    tuned = accord.train(
        tagging(tmp_path, thresholds={"kind": "cost", "of": [["PER", "O", 4]]}),
        output=tmp_path / "tuned",
    )
    weights = [(run.path / "model/model.safetensors").read_bytes() for run in (plain, tuned)]
    assert weights[0] == weights[1]
    facts = json.loads((tuned.path / "model/accord.json").read_text("utf-8"))["thresholds"]
    assert set(facts["factors"]) == {"O", "ORG", "PER"}
    assert facts["tags"]["B-ORG"] == facts["tags"]["I-ORG"] == facts["factors"]["ORG"]
    assert facts["factors"]["PER"] / facts["factors"]["O"] > 1, "a name that is missed is dear"
    assert facts["validation"]["words"] == 300 and facts["validation"]["rows"] == 60
    assert facts["validation"]["after"] >= facts["validation"]["before"]
    before, after = (run.summary["metrics"]["test"] for run in (plain, tuned))
    assert after["recall"] > before["recall"] and after["loss"] == before["loss"]
    (found,) = (tuned.path / "artifacts").glob("evaluation-*/metrics.json")
    assert json.loads(found.read_text("utf-8"))["test"]["undecided"]["metrics"] == before
    table = pq.read_table(tuned.path / "predictions.parquet").to_pylist()
    told = [row["prediction"] for row in table if row["split"] == "test"]
    asked = [json.loads(line)["words"] for line in (tmp_path / "c.jsonl").read_text().splitlines()]
    assert [found["tags"] for found in accord.load(tuned.path).predict(asked)] == told
    (dataset,) = (plain.path / "artifacts").glob("dataset-*")
    recipe = recipe_from(tagging(tmp_path, sampler="class-balanced")).recipe
    split = PreparedSplit(dataset, "train")
    drawn = order_of(recipe, split).epoch(0, 0)
    types = np.isin(np.arange(120) % 12, [0])[drawn]
    assert len(drawn) == 120 and types.sum() == pytest.approx(40, abs=1), "the rarest type owns it"
