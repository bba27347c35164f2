"""Tidying is idempotent, keeps what matters, and reaches every split and new rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.incoming import guard
from accord.data.text import quality
from accord.data.text.quality import fault
from accord.data.text.tidy import tidied
from accord.recipe.load import recipe_from
from accord.recipe.text import LANGUAGES, Filter, Tidy
from tests.data.sources import BERT, accounting, prepared

EVERYTHING = Tidy(unicode="NFKC", html=True, boilerplate=True)
PIECES = st.lists(
    st.sampled_from(
        ["a", "é", "e\u0301", "１", "Ａ", "\u200b", "\ufeff", "<b>", "</p>", "&amp;", "&lt;b&gt;",
         "&amp;lt;", " ", "\u3000", "\n", "\r\n", "<!-- x -->", "好", "\u00ad", "Read more", "<",
         ">"]
    )
)  # fmt: skip


@settings(max_examples=200)
@given(PIECES, st.sampled_from([Tidy(), EVERYTHING, Tidy(html=True)]))
def test_twice_is_once(pieces: list[str], spec: Tidy) -> None:
    once = tidied("".join(pieces), spec)
    assert tidied(once, spec) == once


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cafe\u0301  au\u200b lait ", "café au lait"),
        ("ＡＢＣ　１２３", "ABC 123"),
        ("<p>One &amp; two</p><script>x()</script>", "One & two"),
        ("A real line.\nAll rights reserved\n", "A real line."),
        ("正文在此。\n扫一扫关注公众号", "正文在此。"),
        ("Home | Sign in\nA real line.\nAbout | Privacy policy | Contact", "A real line."),
        ("Powered by a fine cast.", "Powered by a fine cast."),
        ("A film.\nIt is powered by a fine cast.", "A film.\nIt is powered by a fine cast."),
        ("👩\u200d🔬 works", "👩\u200d🔬 works"),
    ],
)
def test_what_is_tidied(text: str, expected: str) -> None:
    assert tidied(text, EVERYTHING) == expected


@pytest.mark.parametrize(
    ("text", "spec", "expected"),
    [
        ("short", {"least": 10}, "too-short"),
        ("long enough to stay", {"least": 10}, None),
        ("x" * 30, {"most": 20}, "too-long"),
        ("?!?! a ####", {"symbols": 0.5}, "symbols"),
        ("buy it now " * 12, {"repeated": 0.3}, "repetition"),
        ("das ist ein ganz gewöhnlicher deutscher Satz", {"languages": ["en", "zh"]}, "language"),
        ("this is quite an ordinary English sentence", {"languages": ["en", "zh"]}, None),
        ("这家酒店的服务非常好，房间也很干净", {"languages": ["en", "zh"]}, None),
        ("杜拉拉升职记语言简洁流畅，主线清晰，拉拉", {"languages": ["zh"]}, None),
        ("das ist ein deutscher Satz. " * 400, {"languages": ["en"]}, "language"),
    ],
)
def test_what_is_left_out(text: str, spec: dict[str, Any], expected: str | None) -> None:
    assert fault(text, Filter(**spec)) == expected


def test_languages_are_those_that_are_told_apart() -> None:
    known = {*quality._identifier().labels} - {"zxx"}
    assert known == LANGUAGES
    with pytest.raises(ValueError, match="'english' is no language"):
        Filter(languages=("en", "english"))


def rows(dataset: Any, split: str) -> int:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().num_rows


def recipe(clean: Any) -> Any:
    return recipe_from(
        {
            "task": "text-classification",
            "model": {"config": BERT},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": 0, "test": "test.csv",
                "text": "text", "label": "label", "leakage": {"action": "off"},
            },
            "clean": clean,
            "train": {"steps": 1},
        }
    ).recipe  # fmt: skip


def write(folder: Path, texts: list[tuple[str, str]]) -> None:
    for name in ("train", "test"):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([("text", "label"), *texts])


SENTENCE = "the acting is good and the story moves along at a fine pace until the very last scene"


def test_training_rows_alone_are_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        [("ok", "a"), (SENTENCE, "a"), (SENTENCE.upper(), "a"), (SENTENCE + " of it", "b"),
         ("something quite different from all that was said before it", "b"), ("\u200b x", "b")],
    )  # fmt: skip
    clean = {"text": {}, "filter": {"least": 3}, "duplicates": {}}
    dataset = prepared(tmp_path, recipe(clean))
    told = {(e["step"], e["reason"]): e["rows"] for e in accounting(dataset)["removed"]}
    assert told == {
        ("filter", "too-short"): 2, ("duplicates", "exact"): 1, ("duplicates", "near"): 1,
    }  # fmt: skip
    assert (rows(dataset, "train"), rows(dataset, "test")) == (2, 6)


@pytest.mark.parametrize(("conflicts", "left"), [("first", 2), ("majority", 2), ("drop", 1)])
def test_labels_that_conflict(conflicts: str, left: int, tmp_path: Path) -> None:
    write(tmp_path, [("one", "a"), ("one", "b"), ("ONE", "b"), ("two", "a")])
    asked = {"duplicates": {"similarity": None, "conflicts": conflicts}}
    dataset = prepared(tmp_path, recipe(asked))
    found = pa.ipc.open_file(dataset.path / "train.arrow").read_all().to_pylist()
    assert len(found) == left
    if left == 2:
        assert found[0]["row"] == (0 if conflicts == "first" else 1)


def test_new_rows_are_tidied_alike(tmp_path: Path) -> None:
    facts = {
        "task": "text-classification",
        "columns": {"text": "text"},
        "tidy": EVERYTHING.model_dump(mode="json"),
    }
    tidying = guard(facts, tmp_path)
    assert tidying is not None
    assert tidying(["ＡＢＣ  d", {"text": "<b>x</b>"}]) == ["ABC d", {"text": "x"}]
