"""Words of English and Chinese texts, and texts of words."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any

from accord.part import require

CJK = re.compile(r"[㐀-䶿一-鿿豈-﫿]")

EDGES = re.compile(r"([\W_]*)(.*?)([\W_]*)", re.DOTALL)


def words_of(text: str) -> list[str]:
    """Words as they stand between blanks; Chinese by jieba. Nothing but blanks is lost."""
    found: list[str] = []
    for piece in text.split():
        found += _jieba().lcut(piece) if CJK.search(piece) else [piece]
    return found


def text_of(words: list[str]) -> str:
    """The words with blanks between them, but none beside Chinese ones."""
    text = ""
    for word in words:
        apart = text and not CJK.match(text[-1]) and not CJK.match(word[:1])
        text += f" {word}" if apart else word
    return text


def parts_of(word: str) -> tuple[str, str, str]:
    """What stands before the word itself, the word, and what stands behind: `("`, `well`, `,`."""
    found = EDGES.fullmatch(word)
    assert found is not None
    return found[1], found[2], found[3]


def cores_of(text: str) -> list[str]:
    """Words in small letters, without the marks around them."""
    return [core.lower() for word in words_of(text) if (core := parts_of(word)[1])]


def cased(like: str, word: str) -> str:
    """The word in the letters, small or capital, of another."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


@cache
def _jieba() -> Any:
    jieba = require("jieba", "data", "augmenting Chinese texts")
    jieba.setLogLevel(logging.WARNING)
    return jieba
