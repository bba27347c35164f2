"""Texts are cut at `data.max_tokens`, framing included, on the tokenizer's own side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from accord.agreement.stage import permit_for
from accord.data.preview import preview
from accord.errors import RecipeError
from accord.model import tokenizer as module
from accord.model.encode_row import RowEncoder
from accord.model.tokenizer import load_tokenizer, train_tokenizer
from tests.data.sources import csv_text, prepared, recipe

WORDS = ["one two three four five six seven eight"]
BERT: dict[str, Any] = {"config": {"model_type": "bert"}, "tokenizer": "base"}
GPT: dict[str, Any] = {"config": {"model_type": "gpt2"}, "tokenizer": "base"}


def _base(folder: Path, style: str = "bert", **config: Any) -> None:
    train_tokenizer(WORDS * 9, 300, style).save(folder)
    path = folder / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))


def _rows(dataset: Any) -> list[dict[str, Any]]:
    with pa.memory_map(str(dataset.path / "train.arrow")) as stream:
        return pa.ipc.open_file(stream).read_all().to_pylist()


def _texts(folder: Path) -> None:
    lines = [(f"{WORDS[0]} {i}", f"{i} {WORDS[0]}", i % 2) for i in range(60)]
    (folder / "rows.csv").write_text(csv_text([("text", "other", "label"), *lines]))


def _tags(folder: Path) -> dict[str, Any]:
    rows = [{"w": [*WORDS[0].split(), str(i)], "t": ["P", "O"] * 4 + ["O"]} for i in range(60)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return {"train": "rows.jsonl", "tokens": "w", "label": "t"}


@pytest.mark.parametrize("pair", [None, "other"])
def test_no_room_between_the_special_tokens_is_refused(tmp_path: Path, pair: str | None) -> None:
    _base(tmp_path / "base")
    _texts(tmp_path)
    least = 3 if pair is None else 5
    fields = {} if pair is None else {"text_pair": pair}
    small = recipe(model=BERT, max_tokens=least - 1, **fields)
    for work in (
        lambda: prepared(tmp_path, small),
        lambda: preview(small, permit_for(small, tmp_path), tmp_path),
    ):
        with pytest.raises(RecipeError) as caught:
            work()
        assert caught.value.code == "max-tokens"
        assert caught.value.path == "data.max_tokens"
        assert f"{least} or more" in str(caught.value)
    enough = recipe(model=BERT, max_tokens=least, **fields)
    assert {len(row["input_ids"]) for row in _rows(prepared(tmp_path, enough, "enough"))} == {least}


def test_no_room_for_tagged_words_is_refused(tmp_path: Path) -> None:
    _base(tmp_path / "base")
    asked = recipe("token-classification", BERT, **_tags(tmp_path), max_tokens=2)
    with pytest.raises(RecipeError) as caught:
        prepared(tmp_path, asked)
    assert caught.value.code == "max-tokens"


@pytest.mark.parametrize("pair", [None, "other"])
def test_texts_are_cut_on_the_tokenizers_side(tmp_path: Path, pair: str | None) -> None:
    transformers = pytest.importorskip("transformers")
    _base(tmp_path / "base", truncation_side="left")
    _texts(tmp_path)
    fields = {} if pair is None else {"text_pair": pair}
    dataset = prepared(tmp_path, recipe(model=BERT, max_tokens=6, **fields))
    reference = transformers.AutoTokenizer.from_pretrained(dataset.path / "tokenizer")
    assert reference.truncation_side == "left"
    columns = {"text": "text", "text_pair": pair} if pair else {"text": "text"}
    facts = {"modality": "text", "task": "text-classification", "max_tokens": 6, "columns": columns}
    encoder = RowEncoder(facts, load_tokenizer(dataset.path / "tokenizer"))
    for row in _rows(dataset):
        texts = [f"{WORDS[0]} {row['row']}", f"{row['row']} {WORDS[0]}"][: len(columns)]
        expected = reference(*texts, truncation=True, max_length=6)["input_ids"]
        assert row["input_ids"] == expected
        assert encoder.encode(texts if pair else texts[0], 0)[0]["input_ids"] == expected


def test_tagged_words_are_cut_on_the_tokenizers_side(tmp_path: Path) -> None:
    _base(tmp_path / "base", truncation_side="left")
    asked = recipe("token-classification", BERT, **_tags(tmp_path), max_tokens=5)
    shown = preview(asked, permit_for(asked, tmp_path), tmp_path).batch
    assert all(line.startswith("seven«P» eight«O» ") for line in shown)
    dataset = prepared(tmp_path, asked)
    facts = {"modality": "text", "task": asked.task, "max_tokens": 5, "columns": {"tokens": "w"}}
    encoder = RowEncoder(facts, load_tokenizer(dataset.path / "tokenizer"))
    for row in _rows(dataset):
        assert len(row["input_ids"]) == 5
        assert max(word for word in row["word_ids"]) == 8  # the last word is kept, the first cut
        assert encoder.encode(row["words"], 0)[0]["input_ids"] == row["input_ids"]


def test_completions_are_cut_on_the_tokenizers_side(tmp_path: Path) -> None:
    rows = [{"p": WORDS[0] + " ", "c": f"answer {i}"} for i in range(60)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    _base(tmp_path / "base", "bpe", truncation_side="left")
    fields = {"train": "rows.jsonl", "prompt": "p", "completion": "c", "pack": False}
    dataset = prepared(tmp_path, recipe("causal-lm", GPT, **fields, max_tokens=12))
    codec = load_tokenizer(tmp_path / "base")
    for row in _rows(dataset):
        asked = rows[row["documents"][0]]
        whole = [*codec.tokenizer.encode(asked["p"] + asked["c"]).ids, codec.special_id("eos")]
        assert len(whole) > 12 and row["input_ids"] == whole[-12:]
        assert row["bytes"] == len(asked["c"].encode())


def test_the_side_may_stand_in_the_tokenizer_file(tmp_path: Path) -> None:
    """As Transformers reads it: `tokenizer.json` speaks where the configuration is silent."""
    codec = train_tokenizer(WORDS * 9, 300, "bert")
    codec.tokenizer.enable_truncation(8, direction="left")
    codec.save(tmp_path)
    assert load_tokenizer(tmp_path).truncation_side == "left"
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"truncation_side": "right"}))
    assert load_tokenizer(tmp_path).truncation_side == "right"


@pytest.mark.parametrize("style", ["bert", "gpt2"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_of_a_very_long_text_no_more_is_tokenised_than_is_left(
    tmp_path: Path, style: str, side: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same tokens, in texts of words, of Chinese, and of one word without an end."""
    monkeypatch.setattr(module, "LONG", 600)
    _base(tmp_path / "base", style, truncation_side=side)
    codec = load_tokenizer(tmp_path / "base")
    codec.cut_at(8)
    long = [" ".join(WORDS * 99), "好" * 2000, "one" * 700, " " * 900 + WORDS[0], WORDS[0]]
    shorter = [codec.before_the_cut(text) for text in long]
    for text, part in zip(long, shorter, strict=True):
        whole, cut = codec.tokenizer.encode(text), codec.tokenizer.encode(part)
        assert (whole.ids, bool(whole.overflowing)) == (cut.ids, bool(cut.overflowing))
    assert len(shorter[0]) <= 600 and shorter[-1] == WORDS[0]
    codec.cut_at(9, pair=True)
    for first, second in ((0, 4), (1, 0)):
        whole = codec.tokenizer.encode(long[first], long[second])
        assert whole.ids == codec.tokenizer.encode(shorter[first], shorter[second]).ids
