"""Easy data augmentation: words exchanged, left out, put in, replaced by synonyms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from accord.data.augment.change import AugmenterSpec, Change, Modality, each
from accord.data.augment.known import Known
from accord.data.augment.lexicon import Lexicon, LexiconFields, grouped, lexicon_of
from accord.data.augment.words import cased, parts_of, text_of, words_of
from accord.part import Reading, part

Operation = Literal["swap", "delete", "insert", "synonym"]


class Eda(AugmenterSpec):
    """One of the operations at random, on a share of the words (Wei and Zou, 2019).

    Chinese by word. arXiv:1901.11196."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["eda"] = "eda"
    share: float = Field(default=0.1, gt=0, lt=1)
    """Of the words that are changed; one at least."""
    operations: tuple[Operation, ...] = Field(default=("swap", "delete", "insert"), min_length=1)
    """`insert` puts a word of the text, or a synonym, in another place; `synonym` needs
    `synonyms`."""
    synonyms: tuple[tuple[str, ...], ...] = ()
    """Words that may stand for each other: `[[good, fine, nice], [film, movie]]`."""
    lexicon: LexiconFields | None = None
    """Where more synonyms come from, as those of `by: synonyms`: `{source: wordnet}`."""

    @model_validator(mode="after")
    def _has_synonyms(self) -> Eda:
        if "synonym" in self.operations and not self.synonyms and self.lexicon is None:
            raise ValueError("the operation `synonym` needs `synonyms`, or a `lexicon`")
        return self

    @property
    def reads_models(self) -> tuple[Reading, ...]:
        return () if self.lexicon is None else self.lexicon.read_model

    @property
    def reads_files(self) -> Mapping[str, str]:
        found = {} if self.lexicon is None else self.lexicon.read_file
        return {f"lexicon.{field}": file for field, file in found.items()}


@part("augmenter", Eda)
def eda(spec: Eda, known: Known) -> Change:
    """Leaves texts of one word as they are, but for synonyms."""
    own = grouped(spec.synonyms)
    more = None if spec.lexicon is None else lexicon_of(spec.lexicon, known)

    def alike(word: str) -> tuple[str, ...]:
        return own(word) + (() if more is None else more(word))

    def change(text: str, chance: np.random.Generator) -> str:
        words = words_of(text)
        count = max(1, round(spec.share * len(words)))
        operation = spec.operations[int(chance.integers(len(spec.operations)))]
        for _ in range(count):
            words = _done(operation, words, alike, chance)
        return text_of(words) or text

    return each(change)


def _done(
    operation: Operation, words: list[str], alike: Lexicon, chance: np.random.Generator
) -> list[str]:
    words = list(words)
    if operation == "synonym":
        known = [i for i, word in enumerate(words) if alike(_core(word))]
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
        word = _other(word, alike, chance) if alike(_core(word)) else word
        words.insert(int(chance.integers(len(words) + 1)), word)
    return words


def _core(word: str) -> str:
    return parts_of(word)[1].lower()


def _other(word: str, alike: Lexicon, chance: np.random.Generator) -> str:
    before, old, behind = parts_of(word)
    others = alike(old.lower())
    return before + cased(old, others[int(chance.integers(len(others)))]) + behind
