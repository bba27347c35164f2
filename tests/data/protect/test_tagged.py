"""Labels of a tagger as spans: parts of one identifier are one, and what has a form keeps it."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.protect.deidentify import Deidentifier
from accord.data.protect.masked import masks
from accord.data.protect.recogniser import recogniser
from accord.data.protect.spans import Spans, characters
from accord.data.protect.stand_in import with_stand_ins
from accord.data.protect.tagger import Transformers
from accord.data.protect.tagging import Tagger
from accord.recipe.protect import Protect
from accord.testing import tiny_tagger

HOME = tempfile.TemporaryDirectory()
MODEL = Path(HOME.name) / "tagger"
WORDS = {
    "ann": "B-GIVEN", "marie": "B-GIVEN", "bob": "B-GIVEN", "j": "B-GIVEN", "r": "B-GIVEN",
    "tom": "I-GIVEN", "lee": "B-SURNAME", "##son": "O", "diaz": "I-SURNAME", "ray": "B-SURNAME",
    "12": "B-NUMBER", "main": "B-STREET", "road": "I-STREET", "kiel": "B-CITY", "apt": "B-FLAT",
    "7": "I-FLAT", "4": "I-NUMBER", "mail": "B-EMAIL", "@": "I-EMAIL", "x": "I-EMAIL",
    "com": "I-EMAIL", "ring": "B-PHONE", "went": "O", "to": "O", "and": "O", "g": "O",
}  # fmt: skip
ENTITIES = {
    "GIVEN": "name", "SURNAME": "name", "NUMBER": "address", "STREET": "address",
    "CITY": "address", "FLAT": "address", "EMAIL": "email", "PHONE": "phone",
}  # fmt: skip
tiny_tagger(MODEL, WORDS)
PART = {"kind": "transformers", "model": "tagger", "entities": ENTITIES}
TAGGER = Tagger(Transformers(model="tagger", entities=ENTITIES), MODEL.parent, "x")


def _cut(texts: list[str], spans: Spans) -> list[tuple[str, str]]:
    rows = zip(spans.row.tolist(), spans.start.tolist(), spans.end.tolist(), strict=True)
    values = [texts[row].encode()[low:high].decode() for row, low, high in rows]
    return list(zip(spans.entities(), values, strict=True))


def _found(text: str) -> list[tuple[str, str]]:
    return _cut([text], TAGGER(pa.array([text])))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Leeson went", ["Ann Leeson"]),
        ("Ann Lee Bob Ray went", ["Ann Lee", "Bob Ray"]),
        ("Ann Bob", ["Ann", "Bob"]),
        ("Ann, Bob and Marie", ["Ann", "Bob", "Marie"]),
        ("Lee, Ann went", ["Lee, Ann"]),
        ("Ann-Marie Lee-Ray went", ["Ann-Marie Lee-Ray"]),
        ("J. R. Lee and J.R. Ray", ["J. R. Lee", "J.R. Ray"]),
        ("to G. Lee", ["G. Lee"]),
        ("to G. H.-J. Lee", ["G. H.-J. Lee"]),
        ("g. Lee", ["Lee"]),
        ("I went to Ann. Bob went", ["Ann", "Bob"]),
        ("Lee's and Ann’s", ["Lee", "Ann"]),
        ("Tom Diaz went", ["Tom Diaz"]),
        ("Diaz Diaz", ["Diaz Diaz"]),
        ("Ann\nLee", ["Ann\nLee"]),
        ("Be Ann", ["Ann"]),
        ("(Ann Lee)", ["Ann Lee"]),
        ("Ańn LEE went", ["Ańn LEE"]),
        ("An\u0301n Lee went", ["An\u0301n Lee"]),
    ],
)
def test_parts_of_a_name_are_one_name(text: str, names: list[str]) -> None:
    assert _found(text) == [("name", name) for name in names]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("to 12 Main Road, Apt. 7, Kiel and", ["12 Main Road, Apt. 7, Kiel"]),
        ("12 Main, Kiel went to 4 Road", ["12 Main, Kiel", "4 Road"]),
        ("Kiel, Kiel", ["Kiel", "Kiel"]),
    ],
)
def test_parts_of_an_address_are_one_address(text: str, addresses: list[str]) -> None:
    assert _found(text) == [("address", value) for value in addresses]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*WORDS, "Lee,", "-", "'", ".", "é", "李", "x "]), max_size=30))
def test_spans_hold_letters_at_their_ends_and_never_overlap(pieces: list[str]) -> None:
    text = " ".join(pieces)
    spans = TAGGER(pa.array([text]))
    assert (spans.start[1:] >= spans.end[:-1]).all()
    for _, value in _cut([text], spans):
        assert value[0].isalnum() or value[0] == "@"
        assert value[-1].isalnum() or value[-1] in "@."


def test_texts_in_other_scripts_are_left_alone() -> None:
    spec = Transformers(model="tagger", entities=ENTITIES, script="latin")
    texts = ["Ann went", "昨天去了Kiel的人", "Ann Lee wrote 李", "", "Élan Ann", "12", "Кто Ann"]
    found = _cut(texts, Tagger(spec, MODEL.parent, "x")(pa.array(texts)))
    assert found == [
        ("name", "Ann"), ("name", "Ann Lee"), ("name", "Ann"), ("address", "12"), ("name", "Ann"),
    ]  # fmt: skip


def test_a_window_border_changes_nothing() -> None:
    """The same spans wherever a name stands in a text that takes several windows."""
    narrow = Tagger(
        Transformers(model="tagger", entities=ENTITIES, window_tokens=16), MODEL.parent, "x"
    )
    texts = ["went " * before + "ann leeson and " + "to " * 40 for before in range(50)]
    assert _cut(texts, narrow(pa.array(texts))) == [("name", "ann leeson")] * 50


def test_what_has_a_form_keeps_its_ends_and_kind() -> None:
    """The model takes `mail a@x.com ring` for more than an address; the pattern knows better."""
    texts = ["mail x@x.com and ann", "ring +1 415 555 2671", "Mr. Ann Leeson went"]
    look = recogniser(Protect(entities="all", recognisers=[PART]), MODEL.parent)
    found = _cut(texts, look(pa.array(texts)))
    alone = _cut(texts, recogniser(Protect(entities="all"), Path())(pa.array(texts)))
    assert [span for span in alone if span[0] != "name"] == [
        ("email", "x@x.com"), ("phone", "+1 415 555 2671"),
    ]  # fmt: skip
    assert set(alone) <= set(found)
    assert ("email", "mail") in [(kind, value.strip()) for kind, value in found]
    assert ("phone", "ring") in found
    assert ("name", "Ann Leeson") in found


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*WORDS, "x@x.com", "+1 415 555 2671", "4111111111111111", "a.b@x.org"]),
        max_size=8,
    )
)
def test_a_plug_in_never_moves_a_pattern(pieces: list[str]) -> None:
    texts = pa.array([" ".join(pieces)])
    kinds = ("email", "phone", "card", "url", "ip")
    alone = recogniser(Protect(entities=kinds), Path())(texts)
    both = recogniser(Protect(entities=kinds, recognisers=[PART]), MODEL.parent)(texts)
    spans = [
        set(zip(s.start.tolist(), s.end.tolist(), s.entities(), strict=True)) for s in (alone, both)
    ]
    assert spans[0] <= spans[1]


def test_a_model_is_shown_a_name_for_a_mask() -> None:
    seen: list[list[str | None]] = []

    def part(texts: pa.StringArray) -> Spans:
        rows = texts.to_pylist()
        seen.append(rows)
        at = [(row, text.find("went")) for row, text in enumerate(rows) if text and "went" in text]
        row, start = (np.array(column, dtype=np.int64) for column in zip(*at, strict=True))
        return Spans(row, start, start + 4, np.zeros(len(at), dtype=np.int64), ("name",))

    masked = masks(["name", "address", "email"])
    texts = ["[NAME] went to [ADDRESS]", None, "[EMAIL] went", "[NAME abcdefghijkl], [NAME] went"]
    found = with_stand_ins(part, masked)(pa.array(texts))
    assert seen[0] == [
        "Mary Jones went to 12 Park Road, Leeds", None, "[EMAIL] went",
        "Mary Jones, Mary Jones went",
    ]  # fmt: skip
    assert _cut([text or "" for text in texts], found) == [("name", "went")] * 3
    with_stand_ins(part, masked)(pa.array(["昨天[NAME]went"]))
    assert seen[-1] == ["昨天王芳went"]


@given(
    st.lists(st.sampled_from(["[NAME]", "[ADDRESS]", "[EMAIL]", "z", "é", "ß", "李", " "])),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_places_come_back_from_stand_ins(pieces: list[str], first: int, size: int) -> None:
    """A span between any two signs of the text that is shown, put back, lies between the same."""
    text = "".join(["z", *pieces, "ß"])
    signs = [match.span() for match in re.finditer("[zéß]", text)]
    first = min(first, len(signs) - 1)
    last = min(first + size, len(signs) - 1)

    def part(texts: pa.StringArray) -> Spans:
        shown: str = texts.to_pylist()[0]
        own = [match.span() for match in re.finditer("[zéß]", shown)]
        assert len(own) == len(signs)
        return characters([shown], [(0, own[first][0], own[last][1], "name")])

    found = with_stand_ins(part, masks(["name", "address", "email"]))(pa.array([text]))
    assert _cut([text], found) == [("name", text[signs[first][0] : signs[last][1]])]


@pytest.mark.parametrize("shift", range(10))
def test_a_span_that_reaches_into_a_mask_covers_it(shift: int) -> None:
    def part(texts: pa.StringArray) -> Spans:
        assert texts.to_pylist() == ["to Mary Jones went"]
        return characters(
            texts.to_pylist(), [(0, 0, 4 + shift, "name"), (0, 3 + shift, 18, "address")]
        )

    found = with_stand_ins(part, masks(["name"]))(pa.array(["to [NAME] went"]))
    assert set(_cut(["to [NAME] went"], found)) == {
        ("name", "to [NAME]"), ("address", "[NAME] went"),
    }  # fmt: skip


def test_a_second_look_finds_nothing_new() -> None:
    protect = Deidentifier(Protect(entities="all", recognisers=[PART]), MODEL.parent)
    texts = pa.array(["Ann Lee, 12 Main Road, Kiel, rang J. Ray at x@x.com"])
    once = protect(texts).texts
    assert once.to_pylist() == ["[NAME], [ADDRESS], rang [NAME] at [EMAIL]"]
    assert protect(once).texts.to_pylist() == once.to_pylist()
