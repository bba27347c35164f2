"""New rows: of the right classes, as many as asked, and never in validation or test."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from accord.data.augment.change import Cell
from accord.data.augment.known import Known
from accord.data.augment.words import text_of, words_of
from accord.errors import RecipeError
from accord.part import find
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, prepared

NUMBERS = {"model_type": "accord-ft-transformer", "hidden_size": 8}


def one(kind: str, value: Any, chance: np.random.Generator, **fields: Any) -> Any:
    """What an augmenter makes of one value."""
    part = find("augmenter", kind)
    known = fields.pop("known", Known())
    return part(part.spec(kind=kind, **fields), known)([Cell(value, chance)])[0]


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
    changed = one("aeda", " ".join(words), np.random.default_rng(seed))
    left = [c for c in changed if c not in ".;?:!,。；？：！， "]
    assert left == [c for c in "".join(words) if c != "."]


def test_swapping_keeps_all_words() -> None:
    text = "one two three four five six"
    changed = {
        one("eda", text, np.random.default_rng(seed), operations=["swap"], share=0.5)
        for seed in range(20)
    }
    assert all(sorted(one.split()) == sorted(text.split()) for one in changed)
    assert len(changed) > 5


def test_chinese_is_changed_by_word() -> None:
    text = "酒店的服务非常好"
    words = words_of(text)
    assert len(words) < len(text)
    changed = one("eda", text, np.random.default_rng(0), operations=["delete"])
    assert changed in {"".join(words[:i] + words[i + 1 :]) for i in range(len(words))}


def test_synonyms_stand_in() -> None:
    fields: Any = {"operations": ["synonym"], "synonyms": [["good", "fine"]]}
    changed = one("eda", "a Good, long film", np.random.default_rng(0), **fields)
    assert changed == "a Fine, long film"


def test_a_mirrored_image_mirrored_is_the_image() -> None:
    grid = np.random.default_rng(0).integers(0, 255, (6, 9, 3)).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(grid).save(stream, format="PNG")
    chance = np.random.default_rng(0)
    twice = one("flip", one("flip", stream.getvalue(), chance), chance)
    assert (np.asarray(Image.open(io.BytesIO(twice))) == grid).all()


def test_noise_has_the_deviation_asked_for() -> None:
    chance, known = np.random.default_rng(0), Known(deviations={"x": 4.0})
    steps = [
        one("noise", {"x": 10.0}, chance, scale=0.5, known=known)["x"] - 10.0 for _ in range(4000)
    ]
    assert np.std(steps) == pytest.approx(2.0, rel=0.05)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3), st.sampled_from([(), ("rare",), ("often", "rare")]))
def test_whole_rates_are_exact_and_no_other_split_is_touched(
    rate: int, classes: tuple[str, ...]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        asked = [{"by": "mixup", "rate": rate, "classes": classes}]
        dataset = prepared(Path(folder), table(asked), "more")
        plain = prepared(Path(folder), table([]), "plain")
        counts = Counter(row["row"] for row in rows(dataset, "train"))
        for row in rows(plain, "train"):
            name = "rare" if row["row"] < 20 else "often"
            copied = not classes or name in classes
            assert counts[row["row"]] == 1 + rate * copied
        for split in ("validation", "test"):
            path = f"{split}.arrow"
            assert (dataset.path / path).read_bytes() == (plain.path / path).read_bytes()


def test_copies_of_copies_take_chances_of_their_own(tmp_path: Path) -> None:
    """Two entries: four rows of each; no two are alike."""
    write(tmp_path)
    asked = [{"by": "noise", "rate": 1}, {"by": "noise", "rate": 1}]
    found = rows(prepared(tmp_path, table(asked), "more"), "train")
    assert len(found) == 400
    assert len({row["numeric"][0] for row in found}) == 400


def test_a_mixed_row_of_a_table_lies_between_two_of_its_class() -> None:
    old = [{"x": 1.0, "place": "n"}, {"x": 3.0, "place": "s"}]
    known = Known(rows={None: old, "other": [{"x": 99.0, "place": "z"}]})
    chance = np.random.default_rng(0)
    made = [one("mixup", old[0], chance, known=known, alpha=1.0) for _ in range(200)]
    assert all(1 <= row["x"] <= 3 and row["place"] in "ns" for row in made)
    assert {row["place"] for row in made} == {"n", "s"}
    missing = one("mixup", {"x": float("nan"), "place": None}, chance, known=known)
    assert np.isnan(missing["x"]) and missing["place"] is None


def test_numbers_to_be_learned_are_mixed_with_their_rows(tmp_path: Path) -> None:
    with (tmp_path / "train.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["x", "y"], *([i, 10 * i] for i in range(60))])
    recipe = recipe_from(
        {
            "task": "table-regression",
            "model": {"config": NUMBERS},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": 0.2, "test": 0.2,
                "numeric": ["x"], "label": "y", "leakage": {"action": "off"},
            },
            "augment": {"rows": [{"by": "mixup"}]},
            "train": {"steps": 1},
        }
    ).recipe  # fmt: skip
    found = rows(prepared(tmp_path, recipe, "more"), "train")
    assert len(found) == 72
    assert all(row["label"] == pytest.approx(10 * row["numeric"][0], rel=1e-4) for row in found)
    assert sum(row["numeric"][0] % 1 != 0 for row in found) > 20
