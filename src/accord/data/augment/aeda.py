"""Punctuation noise."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality, each
from accord.data.augment.known import Known
from accord.data.augment.words import CJK, text_of, words_of
from accord.part import part

MARKS = (".", ";", "?", ":", "!", ",")
CHINESE_MARKS = ("。", "；", "？", "：", "！", "，")


class Aeda(AugmenterSpec):
    """Punctuation marks put between words; no word is lost or moved (Karimi et al., 2021).

    arXiv:2108.13230."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["aeda"] = "aeda"
    share: float = Field(default=0.3, gt=0, le=1)
    """Marks over words, at most."""


@part("augmenter", Aeda)
def aeda(spec: Aeda, known: Known) -> Change:
    """Chinese texts get Chinese marks."""

    def change(text: str, chance: np.random.Generator) -> str:
        words = words_of(text)
        marks = CHINESE_MARKS if CJK.search(text) else MARKS
        for _ in range(int(chance.integers(1, max(1, int(spec.share * len(words))) + 1))):
            mark = marks[int(chance.integers(len(marks)))]
            words.insert(int(chance.integers(len(words) + 1)), mark)
        return text_of(words)

    return each(change)
