"""Words of English and Chinese texts, and texts of words."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any

from accord.part import require

CJK = re.compile(r"[㐀-䶿一-鿿豈-﫿]")


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


@cache
def _jieba() -> Any:
    jieba = require("jieba", "data", "augmenting Chinese texts")
    jieba.setLogLevel(logging.WARNING)
    return jieba
