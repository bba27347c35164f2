"""What is wrong with a text, by rules that its characters and words decide."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

from accord.data.augment.words import CJK
from accord.part import require
from accord.recipe.text import Filter

SURE = 0.8
"""Probability from which a language is believed; short texts say little of theirs."""
LOOKED_AT = 1000
"""Characters at the beginning, in the middle and at the end that tell a longer text's language."""
FORMS = {"wuu": "zh", "yue": "zh", "nn": "no"}
"""What is told apart though it is written as another, in short texts above all."""


def fault(text: str, spec: Filter) -> str | None:
    """Why a text is left out, in a word or two; None if it stays."""
    size = len(text)
    if spec.least is not None and size < spec.least:
        return "too-short"
    if spec.most is not None and size > spec.most:
        return "too-long"
    if spec.symbols is not None and size and _symbols(text) / size > spec.symbols:
        return "symbols"
    if spec.repeated is not None and _repeated(text) > spec.repeated:
        return "repetition"
    if spec.languages and not _spoken(text, spec.languages):
        return "language"
    return None


def _symbols(text: str) -> int:
    """Characters that are neither letters, figures nor blanks."""
    return sum(not (c.isalnum() or c.isspace()) for c in text)


def _repeated(text: str) -> float:
    """Share of the text's three-word sequences (of Chinese: three characters) that stand in it more
    than once, as in the quality rules of Gopher (Rae et al., 2021, arXiv:2112.11446)."""
    words = list(text) if CJK.search(text) else text.split()
    grams = Counter(zip(words, words[1:], words[2:], strict=False))
    total = sum(grams.values())
    return sum(n for n in grams.values() if n > 1) / total if total >= 10 else 0.0


def _spoken(text: str, languages: tuple[str, ...]) -> bool:
    """Whether a text is in one of the languages, or too unlike any to tell."""
    if len(text) > 3 * LOOKED_AT:
        middle = (len(text) - LOOKED_AT) // 2
        text = f"{text[:LOOKED_AT]}\n{text[middle : middle + LOOKED_AT]}\n{text[-LOOKED_AT:]}"
    found, probability = _identifier().classify(text)
    return found in languages or FORMS.get(found) in languages or probability < SURE


@cache
def _identifier() -> Any:
    module = require("py3langid.langid", "data", "`clean.filter.languages`")
    return module.LanguageIdentifier.from_model_file(module.MODEL_FILE, norm_probs=True)
