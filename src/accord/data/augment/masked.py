"""A masked language model that says which words may stand in a gap of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.data.augment.vocabulary import Vocabulary, vocabulary_of
from accord.errors import ModelError
from accord.part import require

LOGITS = 1 << 25
"""Numbers that are computed at once."""


class MaskedModel:
    """A Hugging Face model with a masked-language head.

    Args:
        location: Directory or hub id.
        base: Folder that a relative directory starts from.
        revision: Commit, tag or branch of a hub id.
        device: `auto`, `cpu`, `cuda`.

    Raises:
        ModelError: It cannot be read, or has no head that writes words.
    """

    def __init__(self, location: str, base: Path, revision: str | None, device: str) -> None:
        transformers = require("transformers", "train", "replacing words by a language model")
        import torch

        from accord.model.quiet import quiet

        folder = base / Path(location).expanduser()
        self.name = str(folder) if folder.is_dir() else location
        try:
            with quiet():
                self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(
                    self.name, revision=revision
                )
                model, told = transformers.AutoModelForMaskedLM.from_pretrained(
                    self.name, revision=revision, output_loading_info=True, use_safetensors=True
                )
        except (OSError, ValueError) as error:
            raise _unreadable(location, str(error).splitlines()[0]) from error
        if told["missing_keys"] or self.tokenizer.mask_token is None:
            missing = ", ".join(sorted(told["missing_keys"])[:3]) or "a mask token"
            raise _unreadable(location, f"it has no head that writes words: {missing} is missing")
        chosen = "cuda" if device == "auto" and torch.cuda.is_available() else device
        self.device = torch.device("cpu" if chosen == "auto" else chosen)
        self.model: Any = model.float().eval().to(self.device)
        self.vocabulary: Vocabulary = vocabulary_of(self.tokenizer)
        most = int(getattr(model.config, "max_position_embeddings", 512))
        self.most_tokens = min(most - 4, int(self.tokenizer.model_max_length))

    @property
    def mask(self) -> str:
        """The token that stands for a gap."""
        return str(self.tokenizer.mask_token)

    def letters(self, word: str) -> bool:
        """Whether the vocabulary writes a Chinese word one character after the other."""
        # Not given to the model as it is, so that its length is nothing to warn of.
        pieces: list[str] = self.tokenizer.tokenize(word, verbose=False)
        return len(word) > 1 and len(pieces) == len(word)

    def first_gaps(self, texts: Sequence[str]) -> list[npt.NDArray[np.float32] | None]:
        """Logits of the tokens in the first gap of each text; None where it lies beyond what the
        model reads."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found: list[npt.NDArray[np.float32] | None] = [None] * len(texts)
        for places in self._batches(texts, order):
            for place, logits in zip(places, self._read([texts[i] for i in places]), strict=True):
                found[place] = logits
        return found

    def _batches(self, texts: Sequence[str], order: list[int]) -> Iterator[list[int]]:
        """Texts of like length, as many as may be computed at once."""
        words = len(self.vocabulary.words)
        start = 0
        while start < len(order):
            end, longest = start, 1
            while end < len(order):
                longest = max(longest, min(len(texts[order[end]]) + 4, self.most_tokens))
                if end > start and (end + 1 - start) * longest * words // 3 > LOGITS:
                    break
                end += 1
            yield order[start:end]
            start = end

    def _read(self, texts: list[str]) -> Iterator[npt.NDArray[np.float32] | None]:
        import torch

        inputs = self.tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self.most_tokens,
            return_tensors="pt",
        ).to(self.device)
        with torch.no_grad():
            logits = self.model(**inputs).logits
        gaps = (inputs["input_ids"] == self.tokenizer.mask_token_id).cpu().numpy()
        for row, gap in enumerate(gaps):
            yield logits[row, int(gap.argmax())].cpu().numpy() if gap.any() else None


@lru_cache(maxsize=1)
def masked_model(location: str, base: Path, revision: str | None, device: str) -> MaskedModel:
    """The model, read once in a process however many steps or blocks ask for it."""
    return MaskedModel(location, base, revision, device)


def _unreadable(location: str, problem: str) -> ModelError:
    return ModelError(
        "this is no masked language model",
        code="augment-model",
        path="augment.rows",
        got=f"{location}: {problem}",
        expected="a Hugging Face directory with a tokenizer and a masked-language head, such as "
        "BERT or RoBERTa as they were pretrained, in safetensors",
        fix="name such a model, or use `by: synonyms`, which needs none",
    )
