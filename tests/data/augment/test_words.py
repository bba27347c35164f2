"""Words replaced: by a masked language model, by WordNet, by neighbours, by one's own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.utils import logging

from accord.data.augment.change import Cell
from accord.data.augment.draws import drawn, places_of
from accord.data.augment.known import Known, Telling
from accord.data.augment.lexicon import read_groups
from accord.data.augment.masked import MaskedModel
from accord.data.augment.words import cased, parts_of
from accord.errors import AccordError, ModelError, RecipeError
from accord.part import find
from accord.recipe.load import recipe_from
from tests.data.augment.masked import ANIMALS, DRINKS, VERBS, masked_model
from tests.data.sources import accounting, prepared

NOTHING = Known()
TEXT, TEXT_WORDS = "The cat drinks (milk).", "the cat drinks milk ."


def changed(kind: str, texts: list[str], known: Known = NOTHING, **fields: Any) -> list[str]:
    part = find("augmenter", kind)
    change = part(part.spec(kind=kind, **fields), known)
    cells = [Cell(t, np.random.default_rng(i), "a") for i, t in enumerate(texts)]
    return change(cells)


def contextual(texts: list[str], known: Known = NOTHING, **fields: Any) -> list[str]:
    return changed("contextual", texts, known, model=masked_model(), **fields)


def test_a_model_puts_words_where_they_belong() -> None:
    found = contextual([TEXT] * 60, share=0.3, top=3)
    kinds = (ANIMALS, VERBS, DRINKS)
    for text in found:
        words = [parts_of(word)[1].lower() for word in text.split()]
        assert len(words) == 4 and text.endswith(").") and "(" in text
        fitting = [word in kind for word, kind in zip(words[1:], kinds, strict=True)]
        assert sum(fitting) >= 2
    others = [t for t in found if t != TEXT]
    assert len(others) > 50 and len(set(others)) > 10
    right = sum(w in k for t in found for w, k in zip(_cores(t)[1:], kinds, strict=True))
    assert right / (3 * len(found)) > 0.9


def _cores(text: str) -> list[str]:
    return [parts_of(word)[1].lower() for word in text.split()]


def test_chinese_words_are_written_character_by_character() -> None:
    found = contextual(["我喜欢小猫"] * 40, share=0.4)
    assert all(len(text) == 5 and " " not in text for text in found)
    assert {text[1:3] for text in found} >= {"喜欢", "讨厌"}
    assert any(text[-1] in "狗马牛鸟" for text in found)


def test_texts_that_are_looked_at_together_do_not_hang_on_each_other() -> None:
    texts = [TEXT, "我喜欢小猫", "the horse likes water .", "", "...", "the [MASK] drinks tea ."]
    together = contextual(texts, share=0.5)
    part = find("augmenter", "contextual")
    change = part(part.spec(kind="contextual", model=masked_model(), share=0.5), Known())
    alone = [change([Cell(t, np.random.default_rng(i), "a")])[0] for i, t in enumerate(texts)]
    assert together == alone
    assert together[3:] == texts[3:]


def test_temperature_zero_takes_the_likeliest() -> None:
    found = contextual([TEXT_WORDS] * 8, share=0.01, temperature=0.0)
    words = TEXT_WORDS.split()
    by_place: dict[int, set[str]] = {}
    for text in found:
        pairs = enumerate(zip(text.split(), words, strict=True))
        (place,) = [i for i, (new, old) in pairs if new != old]
        by_place.setdefault(place, set()).add(text)
    assert all(len(texts) == 1 for texts in by_place.values())


def test_no_word_that_tells_the_class_is_lost() -> None:
    telling = Telling({"a": 10, "b": 10}, {"a": Counter(cat=9), "b": Counter(dog=9)})
    found = contextual([TEXT] * 40, Known(telling=telling), share=0.3)
    assert all("cat" in text for text in found)
    free = contextual([TEXT] * 40, Known(telling=telling), share=0.3, holds=None)
    assert any("cat" not in text for text in free)


def test_a_text_longer_than_the_model_reads_keeps_its_end() -> None:
    text = " ".join(["the cat drinks milk ."] * 30)
    (found,) = contextual([text], share=1.0)
    assert found != text
    assert found.split()[-100:] == text.split()[-100:]


def test_a_model_that_writes_words_says_nothing_on_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = masked_model()
    capfd.readouterr()
    level = logging.get_verbosity()
    logging.set_verbosity_warning()
    try:
        model = MaskedModel(folder, Path(), None, "cpu")
        assert model.letters("猫狗马牛鸟" * 20), "longer than the model reads"
        model.first_gaps([f"the {model.mask} drinks " + "milk " * 60])
    finally:
        logging.set_verbosity(level)
    assert capfd.readouterr() == ("", "")


def test_an_encoder_without_a_head_is_no_masked_model(tmp_path: Path) -> None:
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    model = AutoModelForMaskedLM.from_pretrained(masked_model())
    model.bert.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(masked_model()).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="no masked language model"):
        changed("contextual", [TEXT], model=str(tmp_path))
    with pytest.raises(ModelError, match="no masked language model"):
        changed("contextual", [TEXT], model=str(tmp_path / "nowhere"))


def recipe(by: Any, **model: Any) -> Any:
    return recipe_from(
        {
            "task": "text-classification",
            "model": {"base": masked_model(), "agreement": "own", **model},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "test.csv",
                "test": "test.csv", "text": "text", "label": "label",
                "leakage": {"action": "off"},
            },
            "augment": {"rows": [{"by": by, "rate": 2}]},
            "train": {"steps": 1},
        }
    ).recipe  # fmt: skip


def write(folder: Path) -> None:
    for name in ("train", "test"):
        rows = [f"the {animal} drinks milk .,{animal < 'd'}" for animal in ANIMALS]
        (folder / f"{name}.csv").write_text("text,label\n" + "\n".join(rows), "utf-8")


def test_a_model_that_writes_rows_needs_a_permit(tmp_path: Path) -> None:
    write(tmp_path)
    by = {"kind": "contextual", "model": masked_model(), "share": 0.5}
    dataset = prepared(tmp_path, recipe(by), "new")
    table = pa.ipc.open_file(dataset.path / "train.arrow").read_all()
    assert len(table) == 15
    assert len({str(ids) for ids in table["input_ids"].to_pylist()}) > 8
    (told,) = accounting(dataset)["added"]
    assert told == {"step": "augment", "reason": "contextual", "rows": 10, "split": "train"}
    agreement = tmp_path / "writer.yaml"
    agreement.write_text("id: writer\nlicense: CC-BY-NC-4.0\n", "utf-8")
    under = {**by, "agreement": "writer.yaml"}
    from accord.agreement.stage import permit_for

    permit = permit_for(recipe(under), tmp_path)
    assert {asset.work for asset in permit.sources("writer")} == {"writer"}
    assert {(bond.work.id, bond.passage) for bond in permit.terms.bonds} >= {("writer", "output")}


def test_wordnet_is_read_from_its_files(tmp_path: Path) -> None:
    for kind in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"index.{kind}").write_text("  1 licence\n", "utf-8")
        (tmp_path / f"data.{kind}").write_text("  1 licence\n", "utf-8")
    head = "  1 licence\n"
    first = "00000012 20 n 03 film 0 movie 0 moving_picture 0 000 | a story\n"
    second = f"{len(head + first):08} 20 n 02 film 0 coating 0 000 | a layer\n"
    (tmp_path / "data.noun").write_text(head + first + second, "utf-8")
    index = f"film n 2 1 @ 2 1 00000012 {len(head + first):08}\n"
    (tmp_path / "index.noun").write_text(head + index, "utf-8")
    found = changed("synonyms", ["A Film, in colour"] * 5, file=str(tmp_path))
    assert set(found) == {"A Movie, in colour"}
    with pytest.raises(RecipeError, match="WordNet is not here"):
        changed("synonyms", [TEXT], file=str(tmp_path / "nowhere"))


def test_neighbours_are_words_of_a_kind() -> None:
    """The table was learned together with the head, so that words of a kind lie near."""
    fields: Any = {"source": "embeddings", "model": masked_model(), "near": 0.0, "top": 3}
    found = changed("synonyms", ["cat"] * 30, **fields)
    assert sum(text in ANIMALS for text in found) / len(found) > 0.6
    chinese = changed("synonyms", ["猫"] * 10, **fields)
    assert all(not text.isascii() for text in chinese)


def test_groups_of_a_file_are_blanks_commas_or_cilin(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("# mine\ngood, very good\nAa01A01= 人 士\nAa01A02# 甲 乙\n好 佳\n", "utf-8")
    assert read_groups(path) == [("good", "very good"), ("人", "士"), ("好", "佳")]
    found = changed("synonyms", ["服务好"] * 4, source="file", file=str(path))
    assert set(found) == {"服务佳"}
    path.write_text("alone\n", "utf-8")
    with pytest.raises(AccordError, match="synonyms cannot be read"):
        read_groups(path)


@pytest.mark.parametrize(
    "by",
    [
        {"kind": "synonyms", "source": "file"},
        {"kind": "synonyms", "source": "embeddings"},
        {"kind": "eda", "operations": ["synonym"]},
        {"kind": "contextual"},
    ],
)
def test_what_is_not_named_is_refused_before_anything_runs(by: Any) -> None:
    with pytest.raises(AccordError):
        recipe(by)


def test_a_changed_lexicon_is_another_data_set(tmp_path: Path) -> None:
    from accord.data.premise import premise

    path = tmp_path / "words.txt"
    path.write_text("good fine\n", "utf-8")
    asked = recipe({"kind": "synonyms", "source": "file", "file": "words.txt"})
    before = premise(asked, tmp_path)
    path.write_text("good great\n", "utf-8")
    assert before.keys() == {"augment.rows.0.by.file"}
    assert premise(asked, tmp_path) != before


@given(st.text(max_size=30))
@settings(deadline=None)
def test_a_word_is_its_parts(word: str) -> None:
    before, core, behind = parts_of(word)
    assert before + core + behind == word
    assert not core or (core[0].isalnum() and core[-1].isalnum())


@given(st.lists(st.sampled_from(["a", "b,", "...", "9", "好"]), max_size=20), st.floats(0.01, 1))
def test_a_share_of_the_words_is_chosen(words: list[str], share: float) -> None:
    found = places_of(words, share, np.random.default_rng(0))
    possible = [i for i, word in enumerate(words) if word in ("a", "b,", "好")]
    assert len(found) == min(len(possible), max(1, round(share * len(words))) if words else 0)
    assert set(found) <= set(possible) and found == sorted(set(found))


def test_draws_follow_the_scores() -> None:
    scores = np.log(np.array([0.1, 0.6, 0.3, 1e-9]))
    chance = np.random.default_rng(0)
    found = Counter(drawn(scores, 3, 1.0, chance) for _ in range(3000))
    assert found[3] == 0
    assert found[1] / 3000 == pytest.approx(0.6, abs=0.03)
    assert {drawn(scores, 3, 0.0, chance) for _ in range(20)} == {1}


def test_letters_are_those_of_the_word_before() -> None:
    assert [cased(like, "fine") for like in ("good", "Good", "GOOD", "A")] == [
        "fine", "Fine", "FINE", "Fine",
    ]  # fmt: skip
