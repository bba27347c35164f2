"""Training rows that hold what examines are found, by words and by signs, and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.contamination.grams import grams, units
from accord.data.contamination.index import Examined
from accord.data.contamination.step import look_at_benchmarks
from accord.errors import AgreementError, DataError, RecipeError
from accord.recipe.load import recipe_from
from tests.data.sources import BERT, accounting, csv_text, permit_for, prepared

WORDS = ["one", *(f"word{i}" for i in range(2, 15))]
QUESTION = " ".join(WORDS)
CHINESE = "他昨天在城里看了一场很长的电影以后才慢慢走回家"


def held(examined: list[str], texts: list[str], **options: Any) -> list[int]:
    index = Examined(**{"size": 13, "least": 8, "share": 0.0, **options})
    index.add(examined)
    index.settle()
    return index.held_by(texts).tolist()


def test_a_run_of_words_is_found_in_other_surroundings() -> None:
    found = held(
        ["nothing of that kind", QUESTION],
        [
            f"They asked: {QUESTION.upper().replace(' ', ',  ')}? Nobody knew.",
            " ".join(WORDS[:12]) + " and so on",
            "Ｏｎｅ " + " ".join(WORDS[1:]),
            "",
        ],
    )
    assert found == [1, -1, 1, -1]


def test_chinese_is_compared_by_sign() -> None:
    assert held([CHINESE], [f"听说{CHINESE[3:17]}。", f"听说{CHINESE[3:14]}。"]) == [0, -1]


def test_a_short_text_is_looked_for_whole() -> None:
    short = " ".join(WORDS[:9])
    assert held([short], [f"well, {short}!", " ".join(WORDS[:8])]) == [0, -1]
    assert held([" ".join(WORDS[:7])], [QUESTION]) == [-1]


def test_a_share_of_a_text() -> None:
    twenty = QUESTION + " fifteen sixteen seventeen eighteen nineteen twenty"
    half = " ".join(twenty.split()[:14])
    assert held([twenty], [half, twenty], size=8, share=0.7) == [-1, 0]
    assert held([twenty], [half, twenty], size=8, share=0.5) == [0, 0]


def test_a_phrase_of_many_texts_is_none_of_theirs() -> None:
    many = [f"{QUESTION} {i}" for i in range(11)]
    assert held(many, [f"so {QUESTION}"]) == [-1]
    assert held(many[:10], [f"so {QUESTION}"]) == [0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab 中", max_size=30), max_size=6), st.integers(1, 4))
def test_runs_are_those_of_each_text(texts: list[str], size: int) -> None:
    split = [units(text) for text in texts]
    found, where = grams(split, size)
    wanted = [
        (i, tuple(text[at : at + size].tolist()))
        for i, text in enumerate(split)
        for at in range(len(text) - size + 1)
    ]
    assert where.tolist() == [i for i, _ in wanted]
    assert len(set(found.tolist())) == len({run for _, run in wanted})


def recipe(**more: Any) -> Any:
    value: dict[str, Any] = {
        "task": "text-classification",
        "model": {"config": BERT},
        "data": {
            "agreement": "own", "train": "train.csv", "validation": 0, "test": "test.csv",
            "text": "text", "label": "label", "leakage": {"action": "off"},
        },
        "clean": {"decontaminate": {}},
        "train": {"steps": 1},
    }  # fmt: skip
    value["data"] |= more.pop("data", {})
    return recipe_from(value | more).recipe


def write(folder: Path) -> None:
    chance = np.random.default_rng(0)

    def text() -> str:
        return " ".join(f"w{i}" for i in chance.integers(0, 500, size=20))

    rows = [[text(), "ab"[i % 2]] for i in range(30)]
    test = [[text(), "ab"[i % 2]] for i in range(10)]
    rows[4][0] = f"he said {test[3][0]} and left"
    rows[9][0] = f"in short: {QUESTION}"
    (folder / "train.csv").write_text(csv_text([["text", "label"], *rows]), "utf-8")
    (folder / "test.csv").write_text(csv_text([["text", "label"], *test]), "utf-8")
    (folder / "exam.jsonl").write_text(f'{{"q": "{QUESTION}", "n": 3}}\n', "utf-8")


def test_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe(data={"benchmarks": ["exam.jsonl"]}))
    table = pa.ipc.open_file(dataset.path / "train.arrow").read_all()
    assert sorted(table["row"].to_pylist()) == sorted({*range(30)} - {4, 9})
    told = accounting(dataset)
    assert [(e["reason"], e["rows"]) for e in told["removed"]] == [
        ("holds text of own/test", 1),
        ("holds text of own/benchmark", 1),
    ]
    assert told["told"]["decontaminate"] == {
        "texts": 11,
        "examples": [
            {"asset": "own/train", "row": 4, "holds": {"asset": "own/test", "row": 3}},
            {"asset": "own/train", "row": 9, "holds": {"asset": "own/benchmark", "row": 0}},
        ],
    }


def test_benchmarks_need_an_agreement(tmp_path: Path) -> None:
    write(tmp_path)
    agreements = {"train.csv": "own", "test.csv": "own"}
    data = {"benchmarks": ["exam.jsonl"], "agreement": agreements}
    with pytest.raises((RecipeError, AgreementError)) as found:
        prepared(tmp_path, recipe(data=data))
    assert found.value.code == "agreement-missing"


def test_benchmarks_for_nothing() -> None:
    with pytest.raises(RecipeError, match="compared with nothing"):
        recipe(data={"benchmarks": ["exam.jsonl"]}, clean={})
    with pytest.raises(RecipeError, match="and there are none"):
        recipe(clean={"decontaminate": {"columns": ["question"]}})


def test_a_check_names_a_column_that_a_benchmark_lacks(tmp_path: Path) -> None:
    write(tmp_path)
    asked = recipe(data={"benchmarks": ["exam.jsonl"]}, clean={"decontaminate": {"columns": ["Q"]}})
    with pytest.raises(DataError, match="no column 'Q'") as caught:
        look_at_benchmarks(asked, permit_for(asked, tmp_path))
    assert caught.value.fix == "did you mean 'q'?"
