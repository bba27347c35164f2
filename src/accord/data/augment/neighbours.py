"""Words that a model's own token embeddings put near each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from accord.data.augment.vocabulary import vocabulary_of
from accord.data.augment.wordnet import FUNCTION
from accord.errors import ModelError
from accord.part import require


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near words have to be.

    Args:
        near: Least cosine.
        top: Most words for one.
    """

    near: float
    top: int


def neighbours(
    location: str, base: Path, revision: str | None, asked: Nearness
) -> Callable[[str], tuple[str, ...]]:
    """The nearest words by cosine, after the mean of all was taken away, which is in every one (Mu
    and Viswanath, 2018, arXiv:1702.01417). Words that are no token by themselves have none.

    Raises:
        ModelError: The model cannot be read.
    """
    words, table = _table(location, base, revision)
    of = {word.lower(): i for i, word in reversed(list(enumerate(words)))}
    chinese = np.array([not word.isascii() for word in words], dtype=bool)

    @cache
    def alike(word: str) -> tuple[str, ...]:
        at = of.get(word)
        if at is None or word in FUNCTION:
            return ()
        nearness = np.where(chinese == chinese[at], table @ table[at], -1.0)
        nearness = np.round(nearness, 5)
        most = min(4 * asked.top + 1, len(words))
        least = np.partition(nearness, -most)[-most]
        near = np.flatnonzero(nearness >= max(least, asked.near))
        best = near[np.argsort(-nearness[near], kind="stable")].tolist()
        found = dict.fromkeys(
            words[i].lower() if words[i].isascii() else words[i]
            for i in best
            if not _same(word, words[i].lower())
        )
        return tuple(found)[: asked.top]

    return alike


def _same(word: str, other: str) -> bool:
    """Whether two are forms of one word, by their beginnings: `film`, `films`."""
    short, long = sorted((word, other), key=len)
    longer = len(long) - len(short)
    return short == long or (word.isascii() and long.startswith(short) and longer <= 2)


def _table(
    location: str, base: Path, revision: str | None
) -> tuple[list[str], np.ndarray[Any, np.dtype[np.float32]]]:
    """Words, and their embeddings of length 1. [words], [words, D]"""
    from accord.model.quiet import quiet

    transformers = require("transformers", "train", "synonyms by embeddings")
    folder = base / Path(location).expanduser()
    name = str(folder) if folder.is_dir() else location
    try:
        with quiet():
            tokenizer = transformers.AutoTokenizer.from_pretrained(name, revision=revision)
            model = transformers.AutoModel.from_pretrained(
                name, revision=revision, use_safetensors=True
            )
    except (OSError, ValueError) as error:
        raise ModelError(
            "the model whose embeddings are asked for cannot be read",
            code="augment-model",
            path="augment.rows",
            got=f"{location}: {str(error).splitlines()[0]}",
            expected="a Hugging Face directory with a tokenizer, in safetensors",
            fix="check the path, or choose another `source`",
        ) from error
    weights = model.get_input_embeddings().weight.detach().float().numpy()
    vocabulary = vocabulary_of(tokenizer)
    ids = [i for i in np.flatnonzero(vocabulary.known).tolist() if i < len(weights)]
    chosen = weights[ids] - weights[ids].mean(0)
    lengths = np.linalg.norm(chosen, axis=1, keepdims=True)
    return [vocabulary.words[i] for i in ids], chosen / np.maximum(lengths, 1e-9)
