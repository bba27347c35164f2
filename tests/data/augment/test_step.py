"""New rows: of the right classes, as many as asked, and never in validation or test."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from accord.data.augment.change import Columns
from accord.data.augment.words import text_of, words_of
from accord.errors import RecipeError
from accord.part import find
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, prepared

NUMBERS = {"model_type": "accord-ft-transformer", "hidden_size": 8}


def table(rows: Any) -> Any:
    return recipe_from(
        {
            "task": "table-classification",
            "model": {"config": NUMBERS},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "test.csv",
                "test": "test.csv", "numeric": ["x"], "categorical": ["place"], "label": "class",
                "leakage": {"action": "off"},
            },
            "augment": {"rows": rows},
            "train": {"steps": 1},
        }
    ).recipe  # fmt: skip


def write(folder: Path) -> None:
    for name in ("train", "test"):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["x", "place", "class"])
            for i in range(100):
                writer.writerow([i, "ns"[i % 2], "rare" if i < 20 else "often"])


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


def test_rare_rows_are_copied_at_a_rate(tmp_path: Path) -> None:
    write(tmp_path)
    plain = prepared(tmp_path, table([]), "plain")
    asked = [{"by": "noise", "rate": 2.5, "classes": ["rare"]}]
    dataset = prepared(tmp_path, table(asked), "more")
    found = rows(dataset, "train")
    counts = Counter(row["row"] for row in found)
    labels = {row["row"]: row["label"] for row in rows(plain, "train")}
    assert all(labels[row["row"]] == row["label"] for row in found)
    for row, label in labels.items():
        assert counts[row] in ((3, 4) if row < 20 else (1,)), label
    assert {counts[row] for row in range(20)} == {3, 4}
    (told,) = accounting(dataset)["added"]
    assert told == {
        "step": "augment",
        "reason": "noise",
        "rows": len(found) - 100,
        "split": "train",
    }
    old = {row["row"]: row["numeric"][0] for row in rows(plain, "train")}
    assert sum(row["numeric"][0] == old[row["row"]] for row in found) == 100
    for split in ("validation", "test"):
        path = f"{split}.arrow"
        assert (dataset.path / path).read_bytes() == (plain.path / path).read_bytes()
    again = prepared(tmp_path, table(asked), "again")
    assert str(rows(again, "train")) == str(found)


def test_texts_of_tags_are_not_changed() -> None:
    with pytest.raises(RecipeError, match="does not go with this task"):
        recipe_from(
            {
                "task": "token-classification",
                "model": {"base": "minilm"},
                "data": {"agreement": "own", "train": "a.jsonl", "tokens": "t", "label": "l"},
                "augment": {"rows": [{"by": "eda"}]},
            }
        )


WORDS = st.lists(st.sampled_from(["good", "film", "很", "好看", "the", "a."]), min_size=1)


@settings(deadline=None)  # jieba reads its dictionary once
@given(WORDS)
def test_no_character_is_lost_between_text_and_words(words: list[str]) -> None:
    text = " ".join(words)
    assert "".join(text_of(words_of(text)).split()) == "".join(text.split())


@settings(deadline=None)
@given(WORDS, st.integers(0, 99))
def test_marks_are_all_that_aeda_adds(words: list[str], seed: int) -> None:
    part = find("augmenter", "aeda")
    change = part(part.spec(kind="aeda"), Columns({}, {}))
    changed = change(" ".join(words), np.random.default_rng(seed))
    left = [c for c in changed if c not in ".;?:!,。；？：！， "]
    assert left == [c for c in "".join(words) if c != "."]


def test_swapping_keeps_all_words() -> None:
    part = find("augmenter", "eda")
    change = part(part.spec(kind="eda", operations=["swap"], share=0.5), Columns({}, {}))
    text = "one two three four five six"
    changed = {change(text, np.random.default_rng(seed)) for seed in range(20)}
    assert all(sorted(one.split()) == sorted(text.split()) for one in changed)
    assert len(changed) > 5


def test_chinese_is_changed_by_word() -> None:
    part = find("augmenter", "eda")
    change = part(part.spec(kind="eda", operations=["delete"]), Columns({}, {}))
    text = "酒店的服务非常好"
    words = words_of(text)
    assert len(words) < len(text)
    changed = change(text, np.random.default_rng(0))
    assert changed in {"".join(words[:i] + words[i + 1 :]) for i in range(len(words))}


def test_synonyms_stand_in() -> None:
    part = find("augmenter", "eda")
    spec = part.spec(kind="eda", operations=["synonym"], synonyms=[["good", "fine"]])
    change = part(spec, Columns({}, {}))
    assert change("a Good film", np.random.default_rng(0)) == "a fine film"


def test_a_mirrored_image_mirrored_is_the_image() -> None:
    part = find("augmenter", "flip")
    change = part(part.spec(kind="flip"), Columns({}, {}))
    grid = np.random.default_rng(0).integers(0, 255, (6, 9, 3)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grid).save(stream, format="PNG")
    chance = np.random.default_rng(0)
    twice = change(change(stream.getvalue(), chance), chance)
    assert (np.asarray(Image.open(io.BytesIO(twice))) == grid).all()


def test_noise_has_the_deviation_asked_for() -> None:
    part = find("augmenter", "noise")
    change = part(part.spec(kind="noise", scale=0.5), Columns({"x": 4.0}, {}))
    chance = np.random.default_rng(0)
    steps = [change({"x": 10.0}, chance)["x"] - 10.0 for _ in range(4000)]
    assert np.std(steps) == pytest.approx(2.0, rel=0.05)
