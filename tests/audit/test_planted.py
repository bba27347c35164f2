"""Canaries in prepared data: rows of nobody's, each a unit of privacy of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accord.batch import PreparedSplit
from accord.model.tokenizer import train_tokenizer
from accord.recipe.load import recipe_from
from accord.recipe.privacy import Privacy
from accord.train.private import owners
from tests.data.sources import prepared

TABLE: dict[str, Any] = {
    "task": "table-classification",
    "data": {"train": "rows.csv", "numeric": ["a"], "label": "label"},
}
BOOK: dict[str, Any] = {
    "task": "causal-lm",
    "data": {"train": "rows.jsonl", "text": "text", "pack": False},
    "model": {"config": {"model_type": "gpt2"}, "tokenizer": "base"},
}
USER: dict[str, Any] = {"noise_multiplier": 1, "unit": "user", "column": "who"}


@pytest.mark.parametrize(
    ("asked", "private"),
    [(TABLE, {"noise_multiplier": 1}), (TABLE, USER), (BOOK, {"noise_multiplier": 1})],
    ids=["record", "user", "document"],
)
def test_a_canary_shares_its_unit_with_no_row(
    tmp_path: Path, asked: dict[str, Any], private: dict[str, Any]
) -> None:
    rows = [(f"{i}.5", "no" if i % 2 else "yes", f"w{i // 4}") for i in range(80)]
    (tmp_path / "rows.csv").write_text(
        "a,label,who\n" + "".join(f"{','.join(row)}\n" for row in rows)
    )
    texts = [" ".join(f"{word} {i}" for word in ("so", "it", "was") * 9) for i in range(80)]
    (tmp_path / "rows.jsonl").write_text(
        "".join(json.dumps({"text": text}) + "\n" for text in texts)
    )
    train_tokenizer(texts, 300, "gpt2").save(tmp_path / "base")
    ranges = {"ranges": {"a": [0, 80]}} if asked is TABLE else {}
    data = asked["data"] | {"agreement": "own", "leakage": {"action": "off"}}
    more = {"privacy": private | ranges, "evaluate": {"canaries": 20}, "train": {"steps": 1}}
    made = recipe_from(asked | {"data": data} | more).recipe
    split = PreparedSplit(prepared(tmp_path, made).path, "train")
    planted = split.table["row"].to_numpy() < 0
    assert 3 < planted.sum() < 17
    units = owners(split, Privacy.model_validate(private | ranges))
    assert len(set(units[planted].tolist())) == planted.sum(), "each its own"
    assert not set(units[planted].tolist()) & set(units[~planted].tolist())
    assert len(set(units[~planted].tolist())) < (~planted).sum() or private is not USER
