"""Easy data augmentation: words exchanged, left out, put in, replaced by synonyms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Columns, Modality
from accord.data.augment.words import text_of, words_of
from accord.part import part

Operation = Literal["swap", "delete", "insert", "synonym"]


class Eda(AugmenterSpec):
    """One of the operations at random, on a share of the words (Wei and Zou, 2019,
    arXiv:1901.11196); Chinese by word."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["eda"] = "eda"
    share: float = Field(default=0.1, gt=0, lt=1)
    """Of the words that are changed; one at least."""
    operations: tuple[Operation, ...] = Field(default=("swap", "delete", "insert"), min_length=1)
    """`insert` puts a word of the text, or a synonym, in another place; `synonym` needs
    `synonyms`."""
    synonyms: tuple[tuple[str, ...], ...] = ()
    """Words that may stand for each other: `[[good, fine, nice], [film, movie]]`."""


@part("augmenter", Eda)
def eda(spec: Eda, columns: Columns) -> Change:
    """Leaves texts of one word as they are, but for synonyms."""
    alike = {word: group for group in spec.synonyms for word in group}

    def change(text: str, chance: np.random.Generator) -> str:
        words = words_of(text)
        count = max(1, round(spec.share * len(words)))
        operation = spec.operations[int(chance.integers(len(spec.operations)))]
        for _ in range(count):
            words = _done(operation, words, alike, chance)
        return text_of(words) or text

    return change


def _done(
    operation: Operation,
    words: list[str],
    alike: Mapping[str, tuple[str, ...]],
    chance: np.random.Generator,
) -> list[str]:
    words = list(words)
    known = [i for i, word in enumerate(words) if word.lower() in alike]
    if operation == "synonym":
        if known:
            at = known[int(chance.integers(len(known)))]
            words[at] = _other(words[at], alike, chance)
    elif len(words) < 2:
        return words
    elif operation == "swap":
        one, other = (int(i) for i in chance.choice(len(words), 2, replace=False))
        words[one], words[other] = words[other], words[one]
    elif operation == "delete":
        del words[int(chance.integers(len(words)))]
    else:
        word = words[int(chance.integers(len(words)))]
        word = _other(word, alike, chance) if word.lower() in alike else word
        words.insert(int(chance.integers(len(words) + 1)), word)
    return words


def _other(word: str, alike: Mapping[str, tuple[str, ...]], chance: np.random.Generator) -> str:
    others = [other for other in alike[word.lower()] if other != word.lower()] or [word]
    return others[int(chance.integers(len(others)))]
