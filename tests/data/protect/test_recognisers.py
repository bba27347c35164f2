"""Plug-in recognisers: a token classifier and Presidio find names where no pattern does."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.pre_tokenizers import Metaspace

from accord.agreement.stage import permit_for
from accord.data.incoming import guard, protection_facts
from accord.data.premise import premise
from accord.data.protect.deidentify import Deidentifier
from accord.data.protect.jieba_names import jieba
from accord.data.protect.presidio import presidio
from accord.data.protect.tagger import transformers
from accord.data.protect.tagging import Tagger, words
from accord.errors import AccordError
from accord.permit import Permit
from accord.recipe.load import recipe_from
from accord.recipe.protect import Protect
from accord.testing import RecogniserContract, tiny_tagger

HOME = tempfile.TemporaryDirectory()
MODEL = Path(HOME.name) / "tagger"
WORDS = {
    "ann": "B-PER", "lee": "I-PER", "##son": "O", "bob": "B-PER", "kiel": "B-LOC", "李": "B-PER",
    "娜": "I-PER", "name": "B-PER", "went": "O", "to": "O", "and": "O", "[": "O", "]": "O",
}  # fmt: skip
ENTITIES = {"PER": "name", "LOC": "address"}
if not MODEL.exists():
    tiny_tagger(MODEL, WORDS)
needs_presidio = pytest.mark.skipif(
    importlib.util.find_spec("presidio_analyzer") is None, reason="needs accord[presidio]"
)


class TestTransformers(RecogniserContract):
    part = transformers
    base = MODEL.parent
    options = {"model": "tagger", "entities": ENTITIES, "window_tokens": 16}  # noqa: RUF012
    known = {  # noqa: RUF012
        "ann lee went to kiel": [("name", "ann lee"), ("address", "kiel")],
        "Bob and Ann Leeson went": [("name", "Bob"), ("name", "Ann Leeson")],
        "昨天李娜去了kiel": [("name", "李娜"), ("address", "kiel")],
        "to " * 40 + "ann " + "went " * 40 + "lee": [("name", "ann"), ("name", "lee")],
        "bob ann": [("name", "bob"), ("name", "ann")],
    }


@needs_presidio
class TestPresidio(RecogniserContract):
    part = presidio
    options = {"entities": {"EMAIL_ADDRESS": "email", "US_SSN": "ssn"}}  # noqa: RUF012
    known = {  # noqa: RUF012
        "写给 张 a@example.com now": [("email", "a@example.com")],
        "my ssn is 078-05-1121.": [("ssn", "078-05-1121")],
    }


class TestJieba(RecogniserContract):
    part = jieba
    known = {  # noqa: RUF012
        "王芳说她明天请假。": [("name", "王芳")],
        "他和约翰·史密斯去了Kiel": [("name", "约翰·史密斯")],
        "Ann，陈立军 and 林黛玉": [("name", "陈立军"), ("name", "林黛玉")],
    }


def _spec(**fields: Any) -> Protect:
    part = {"kind": "transformers", "model": "tagger", "entities": ENTITIES}
    return Protect(**{"entities": "all", "recognisers": [part]} | fields)


def test_patterns_keep_what_both_find() -> None:
    protect = Deidentifier(_spec(lists={"friend": "friends.txt"}), MODEL.parent)
    found = protect(pa.array(["Ann wrote to bob@mail.com", "Kiel and 13812345678", None]))
    assert found.texts.to_pylist() == ["[NAME] wrote to [EMAIL]", "[ADDRESS] and [PHONE]", None]
    counts = {kind: int(rows.sum()) for kind, rows in found.held.items()}
    assert counts == {"name": 1, "email": 1, "address": 1, "phone": 1}


@pytest.fixture(autouse=True)
def _friends() -> None:
    (MODEL.parent / "friends.txt").write_text("name\nemail\n", encoding="utf-8")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from([*WORDS, "a@x.com", "[NAME]", "[NAME", "EMAIL]", "x", "李 娜", "[", "。"]),
        max_size=12,
    ),
    st.sampled_from(["mask", "remove", "generalise"]),
)
def test_idempotent_and_nothing_is_left(pieces: list[str], action: str) -> None:
    """The tagger takes `name` for a name, and so does a list: masks are let alone."""
    (MODEL.parent / "friends.txt").write_text("name\nemail\n", encoding="utf-8")
    protect = Deidentifier(_spec(action=action, lists={"friend": "friends.txt"}), MODEL.parent)
    text = pa.array([" ".join(pieces)], pa.string())
    once = protect(text).texts
    again = protect(once)
    assert again.texts.to_pylist() == once.to_pylist()
    assert not again.held


def test_windows_change_nothing_where_all_fits() -> None:
    texts = pa.array(["to ann lee went " * 5, "李娜 and bob " * 7])
    options = {"model": "tagger", "entities": ENTITIES}
    wide = Tagger(transformers.spec(kind="transformers", **options), MODEL.parent, "x")
    narrow = Tagger(
        transformers.spec(kind="transformers", window_tokens=16, **options), MODEL.parent, "x"
    )
    one, other = wide(texts), narrow(texts)
    assert one.start.tolist() == other.start.tolist()
    assert one.end.tolist() == other.end.tolist()
    assert len(one) == 5 + 14


def _unigram(folder: Path, words: dict[str, str]) -> None:
    """A tagger whose tokenizer is SentencePiece's."""
    tiny_tagger(folder, words)
    file = folder / "tokenizer.json"
    written = json.loads(file.read_text(encoding="utf-8"))
    ids = written["model"]["vocab"]
    written |= {
        "normalizer": None,
        "pre_tokenizer": json.loads(Metaspace().__getstate__()),
        "model": {"type": "Unigram", "unk_id": 1, "vocab": [[word, -2.0] for word in ids]},
    }
    file.write_text(json.dumps(written), encoding="utf-8")


def test_a_model_taught_words_is_given_words(tmp_path: Path) -> None:
    """Training cuts a text into words first; another model reads it as it is."""
    taught = {"▁张": "B-PER", "▁伟": "I-PER", "▁ann": "B-PER", "▁'s": "O", "▁说": "O"}
    _unigram(tmp_path / "tagger", {**taught, "▁张伟说": "O", "▁ann's": "O"})
    spec = transformers.spec(kind="transformers", model="tagger", entities={"PER": "name"})
    text = pa.array(["张伟说", "ann's", None, "说 张伟"])
    assert not len(Tagger(spec, tmp_path, "x")(text[:3]))
    facts = {"task": "token-classification", "problem": "token-label", "labels": []}
    (tmp_path / "tagger" / "accord.json").write_text(json.dumps(facts), encoding="utf-8")
    tagger = Tagger(spec, tmp_path, "x")
    found = tagger(text)
    assert list(zip(*(c.tolist() for c in (found.row, found.start, found.end)), strict=True)) == [
        (0, 0, 6), (1, 0, 3), (3, 4, 10),
    ]  # fmt: skip


def test_words_cover_a_text_in_order() -> None:
    text = "张伟说 Ann Lee-Smith's dog, O'Neil 在kiel 3.5% [NAME] 한국어는 नमस्ते"
    cut = [text[low:high] for low, high in words(text)]
    assert "".join(cut) == "".join(text.split())
    assert cut == [
        *"张伟说", "Ann", "Lee-Smith", "'s", "dog", ",", "O'Neil", "在", "kiel", "3.5", "%",
        "[", "NAME", "]", "한국어는", "नमस्ते",
    ]  # fmt: skip


def test_the_sign_before_a_word_belongs_to_it(tmp_path: Path) -> None:
    """SentencePiece gives `▁` the place of the character behind it: `李娜` begins there too."""
    words = {"▁": "B-PER", "李娜": "O", "去了": "O", "▁to": "O", "▁ann": "B-PER"}
    _unigram(tmp_path / "tagger", words)
    spec = transformers.spec(kind="transformers", model="tagger", entities={"PER": "name"})
    found = Tagger(spec, tmp_path, "x")(pa.array(["李娜去了 to ann", "to 李娜"]))
    assert found.start.tolist() == [0, 16, 3]
    assert found.end.tolist() == [6, 19, 9]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "nowhere"}, "model-missing"),
        ({"entities": {"B-PER": "name"}}, "recogniser-label"),
        ({"entities": {"PERSON": "name"}}, "recogniser-label"),
    ],
)
def test_what_cannot_be_used(options: dict[str, Any], code: str) -> None:
    part = {"kind": "transformers", "model": "tagger", "entities": ENTITIES} | options
    with pytest.raises(AccordError) as caught:
        Deidentifier(Protect(recognisers=[part]), MODEL.parent)
    assert caught.value.code == code
    assert "protect.recognisers[0]" in str(caught.value)


def test_a_recogniser_needs_a_permit(tmp_path: Path) -> None:
    tiny_tagger(tmp_path / "tagger", WORDS)
    (tmp_path / "a.csv").write_text("t,l\nann went,1\nbob went,0\n", "utf-8")
    under = tmp_path / "under.yaml"

    def permit(license: str, commercial: bool = False, **more: Any) -> Permit:
        under.write_text(f"id: names\nlicense: {license}\n", "utf-8")
        part = {"kind": "transformers", "model": "tagger", "entities": ENTITIES, **more}
        asked = {
            "task": "text-classification",
            "model": {"base": "x", "agreement": "own"},
            "data": {"agreement": "own", "train": "a.csv", "text": "t", "label": "l"},
            "protect": {"recognisers": [part]},
            "use": {"commercial": commercial},
        }
        return permit_for(recipe_from(asked).recipe, tmp_path)

    with pytest.raises(AccordError, match="train on what it generated"):
        permit("llama2", agreement="under.yaml")
    assert permit("CC-BY-NC-4.0", agreement="under.yaml")
    with pytest.raises(AccordError, match="one may not use it if commercial is true") as caught:
        permit("CC-BY-NC-4.0", commercial=True, agreement="under.yaml")
    assert caught.value.path == "protect.recognisers"
    found = permit("CC-BY-4.0", agreement="under.yaml")
    assert {asset.work for asset in found.sources("recogniser")} == {"names"}
    assert {(bond.work.id, bond.passage) for bond in found.terms.bonds} == {("names", "output")}
    assert not permit("llama2", agreement="own").terms.bonds
    under = tmp_path / "tagger" / "agreement.yaml"
    with pytest.raises(AccordError, match="train on what it generated"):
        permit("llama2")


def test_new_rows_are_protected_by_the_same_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_tagger(tmp_path / "tagger", WORDS)
    monkeypatch.chdir(tmp_path)
    asked: dict[str, Any] = {
        "task": "text-classification",
        "model": {"base": "x"},
        "data": {"agreement": "own", "train": "a.csv", "text": "t", "label": "l"},
        "protect": {
            "recognisers": [{"kind": "transformers", "model": "tagger", "entities": ENTITIES}]
        },
    }
    recipe = recipe_from(asked).recipe
    facts = {
        "task": recipe.task,
        "columns": {"text": "t"},
        **protection_facts(recipe, None, Path()),
    }
    protect = guard(facts, Path())
    assert protect is not None
    assert protect(["Ann went", {"t": "to bob", "other": "bob"}]) == [
        "[NAME] went", {"t": "to [NAME]", "other": "bob"},
    ]  # fmt: skip
    before = premise(recipe, Path())
    (tmp_path / "tagger" / "extra.txt").write_text("another")
    assert premise(recipe, Path()) != before
    with pytest.raises(AccordError) as caught:
        guard(facts, Path())
    assert caught.value.code == "recogniser-changed"
