"""Chinese names in free text, by the parts of speech that jieba gives to words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from accord.data.protect.name import DOUBLE_SURNAMES, SURNAMES
from accord.part import part, require
from accord.recipe.recogniser import Kind, RecogniserSpec

if TYPE_CHECKING:
    from accord.data.protect.recogniser import Recogniser
    from accord.data.protect.spans import Spans

_NAMES = frozenset({"nr", "nrfg", "nrt"})
_NOBODY = frozenset(("谢谢", "阿姨", "叔叔", "高兴", "小姐", "先生", "女士"))
"""Ordinary words that the dictionary of jieba has among names."""
_GIVEN = frozenset("anz")
"""First letters of tags that a given name may have where it is a word, too: 文静, 建国."""
_ROLES = (
    "先生|女士|小姐|老师|医生|经理|主任|教授|律师|师傅|老板|同学|警官|法官|局长|校长|院长|队长|书记|"
    "阿姨|叔叔|大爷|大妈|奶奶|爷爷|总监|店长|护士|大夫"
)
_DOUBLE = frozenset(DOUBLE_SURNAMES.split("|"))
_MOST_CHARACTERS = 4
Words = Sequence[tuple[str, str]]
"""All words of a text in order, with jieba's tags."""


class Jieba(RecogniserSpec):
    """Chinese names: words that jieba takes for names, with the surnames around them."""

    kind: Literal["jieba"] = "jieba"
    finds: Kind = "name"
    """The kind of identifier that a name is."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of a name."""
        return (self.finds,)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


@part("recogniser", Jieba)
def jieba(spec: Jieba, base: Path, field: str) -> Recogniser:
    """Spans of names in Chinese text."""
    from accord.data.protect.spans import characters

    require("jieba", "data", "a recogniser of this kind").setLogLevel("ERROR")
    tagger: Any = require("jieba.posseg", "data", "a recogniser of this kind")

    def found(texts: pa.StringArray) -> Spans:
        rows: list[str | None] = texts.to_pylist()
        spans = [
            (row, start, end, spec.finds)
            for row, text in enumerate(rows)
            if text and _is_chinese(text)
            for start, end in names([(w.word, w.flag) for w in tagger.dt.cut(text)])
        ]
        return characters(rows, spans)

    return found


def names(words: Words) -> list[tuple[int, int]]:
    """Where names stand in a text, in characters.

    jieba's tags alone cut surnames off and miss a given name that is a word of the language: a
    surname goes with the name behind it, and a word of two characters behind a surname alone is
    its given name, unless it says what someone is. Parts of a foreign name go together.
    """
    found: list[tuple[int, int]] = []
    words, at, alone = _dotted(words), 0, False
    for place, (word, tag) in enumerate(words):
        start, at = at, at + len(word)
        if tag not in _NAMES or word in _NOBODY or not _is_chinese(word[0]) or _within(found, at):
            continue
        behind = alone and found[-1][1] == start and at - found[-1][0] <= _MOST_CHARACTERS
        alone = not behind and _is_surname(word)
        if behind:
            found[-1] = (found[-1][0], at)
            continue
        given = len(_given_behind(words, place)) if alone else 0
        before = 0 if alone else len(_surname_before(words, place))
        found.append((start - before, at + given))
        alone = alone and not given
    return found


def _within(found: Sequence[tuple[int, int]], end: int) -> bool:
    return bool(found) and found[-1][1] >= end


def _dotted(words: Words) -> Words:
    """Words with foreign names whole: `约翰·史密斯` is one if either part of it is a name."""
    out: list[tuple[str, str]] = []
    for word, tag in words:
        if len(out) > 1 and out[-1][0] == "·" and _is_chinese(word[0]) and _is_chinese(out[-2][0]):
            _, (first, kind) = out.pop(), out.pop()
            named = kind in _NAMES or tag in _NAMES
            out.append((f"{first}·{word}", "nr" if named else tag))
        else:
            out.append((word, tag))
    return out


def _surname_before(words: Words, place: int) -> str:
    """The surname that jieba took for a word, or for none, before a given name."""
    before, tag = words[place - 1] if place else ("", "")
    name = words[place][0]
    whole = len(name) > 2 or "·" in name or name[0] in SURNAMES
    return before if _is_surname(before) and tag not in _NAMES and not whole else ""


def _given_behind(words: Words, place: int) -> str:
    """The given name behind a surname alone, if it is no word of another kind."""
    given, tag = words[place + 1] if place + 1 < len(words) else ("", "x")
    size = 1 if words[place][0] in _DOUBLE and len(given) == 1 else 2
    fits = len(given) == size and tag[0] in _GIVEN and tag not in _NAMES
    return given if fits and given not in _ROLES.split("|") else ""


def _is_surname(word: str) -> bool:
    return word in _DOUBLE or (len(word) == 1 and word in SURNAMES)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)
