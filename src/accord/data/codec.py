"""Which tokenizer a recipe uses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from accord.errors import ModelError
from accord.model.formats import model_folder
from accord.model.teacher import teacher_folder
from accord.model.tokenizer import TextCodec, alike, load_tokenizer
from accord.recipe.model import Model
from accord.recipe.tree import Recipe

NEW_VOCABULARY = 8192
MOST_CHARACTERS = 100_000_000
"""Characters a new tokenizer is trained on; more of the same teach it little."""


class Sample:
    """Texts spread evenly over all that come by, in bounded memory.

    Beyond `most` characters every second text is let go, and from then on every second one taken.

    Guarantees:
        The texts kept depend on the order they come in, not on how they are grouped.
    """

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self.texts: list[str] = []
        self._most, self._size, self._seen, self._stride = most, 0, 0, 1

    def add(self, texts: Iterable[str]) -> None:
        """Take in texts."""
        for text in texts:
            if self._seen % self._stride == 0:
                self.texts.append(text)
                self._size += len(text)
            self._seen += 1
            while self._size > self._most and len(self.texts) > 1:
                self.texts = self.texts[::2]
                self._size = sum(map(len, self.texts))
                self._stride *= 2


def codec_of(model: Model, base: Path) -> TextCodec | None:
    """The named tokenizer, or that of the base model; None if one is to be trained."""
    source = model.tokenizer or model.base
    if source is None:
        return None
    revision = model.revision if model.tokenizer is None else None
    return load_tokenizer(model_folder(source, revision, base))


def teacher_codec(recipe: Recipe, base: Path, own: TextCodec | None) -> TextCodec | None:
    """The tokenizer of the recipe's teacher; None without one, or where it gives the same tokens.

    Args:
        recipe: Section `train`.
        base: Folder that relative paths start from.
        own: The model's; None if it is to be trained.
    """
    distill = recipe.train.distill
    if distill is None or distill.weight == 0:
        return None
    codec = load_tokenizer(teacher_folder(distill, base))
    return None if own is not None and alike(own, codec) else codec


def new_codec_facts(model: Model, base: Path) -> tuple[int, str]:
    """Vocabulary size and style of the tokenizer to train for a new model.

    Raises:
        ModelError: The configuration cannot be read.
    """
    config = model.config
    if isinstance(config, str):
        try:
            config = json.loads((base / config).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                "the model's configuration cannot be read",
                code="model-config",
                path="model.config",
                got=str(model.config),
                expected="a JSON file with `model_type`",
                fix="check the path and the file",
            ) from error
    values = config or {}
    kind = str(values.get("model_type", ""))
    style = "bert" if "bert" in kind or kind in ("electra", "mpnet") else "bpe"
    return int(values.get("vocab_size", NEW_VOCABULARY)), style
