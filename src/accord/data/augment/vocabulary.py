"""Which tokens of a vocabulary are words by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.data.augment.words import CJK

MARKS = {"▁": "sentencepiece", "Ġ": "bytes"}
"""First characters of tokens that begin a word, and the kind of vocabulary that writes so."""
ENOUGH = 100
"""Tokens that bear a mark, in a vocabulary whose mark it is."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of a tokenizer.

    Args:
        words: By token id; empty for tokens that are none by themselves: pieces, marks, figures.
        chinese: Whether each is written in Chinese characters. Shape [tokens].
        known: Whether each is a word at all. Shape [tokens].
    """

    words: tuple[str, ...]
    chinese: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]

    def like(self, word: str) -> npt.NDArray[np.bool_]:
        """Tokens that may stand for a word by their writing. [tokens]"""
        return self.known & (self.chinese == bool(CJK.search(word)))


def vocabulary_of(tokenizer: Any) -> Vocabulary:
    """The words of a Transformers tokenizer, whatever it marks them with."""
    tokens: list[str] = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    special = set(tokenizer.all_special_tokens)
    mark = next((m for m in MARKS if sum(t.startswith(m) for t in tokens) >= ENOUGH), None)
    words = tuple("" if t in special else _word(t, mark, tokenizer) for t in tokens)
    chinese = np.array([bool(CJK.search(word)) for word in words], dtype=bool)
    return Vocabulary(words, chinese, np.array([bool(word) for word in words], dtype=bool))


def _word(token: str, mark: str | None, tokenizer: Any) -> str:
    if token.startswith("##"):
        return ""
    text, begins = token, mark is None
    if mark is not None and token.startswith(mark):
        text, begins = token[len(mark) :], True
    if mark == "Ġ":
        text = tokenizer.convert_tokens_to_string([text])
    # Chinese words stand without blanks, so their tokens need no mark.
    if not text.isalpha() or not (begins or CJK.match(text)):
        return ""
    alone = len(text) > 1 or CJK.match(text)
    return text if alone and len({bool(CJK.match(c)) for c in text}) == 1 else ""
