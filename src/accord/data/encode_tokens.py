"""Words with a tag each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from tokenizers import Encoding

from accord.data.codec import Sample, codec_of, new_codec_facts
from accord.data.encoder import Encoder, Lengths, Setting, numbered, ragged
from accord.data.source import Block
from accord.model.tokenizer import TextCodec, train_tokenizer
from accord.part import Spec, part

IGNORED = -100


class Tokens(Spec):
    """Word tags on the first sub-word of every word; the others carry no loss."""

    kind: Literal["token-classification"] = "token-classification"


class TokensEncoder:
    """Pre-split words; what `data.max_tokens` cuts off is counted."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.data = setting, setting.recipe.data
        self.codec = codec_of(setting.recipe.model, setting.base)
        self.surveys = self.codec is None
        self.lengths = Lengths()
        self._texts = Sample()

    def survey(self, block: Block) -> None:
        self._texts.add(" ".join(words) for words in self._words(block))

    def settle(self) -> None:
        self._ready()

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        codec = self._ready()
        codec.cut_at(self.data.max_tokens)
        words = self._words(block)
        spaced = [codec.spaced(row) for row in words]
        found = codec.tokenizer.encode_batch(spaced, is_pretokenized=True)
        self.lengths.add(np.array([len(row.ids) for row in found], dtype=np.int64))
        self.lengths.truncated += sum(bool(row.overflowing) for row in found)
        index = {name: i for i, name in enumerate(self.setting.labels)}
        tags = [[index[tag] for tag in row] for row in block.batch[self._label()].to_pylist()]
        owners = [[-1 if w is None else w for w in row.word_ids] for row in found]
        labels = [_first_pieces(row, given) for row, given in zip(found, tags, strict=True)]
        columns = {
            "input_ids": ragged([row.ids for row in found], pa.int32()),
            "word_ids": ragged(owners, pa.int32()),
            "words": pa.array(words, pa.list_(pa.string())),
            "label": ragged(labels, pa.int32()),
        }
        displays = self._displays(block) if split != "train" else None
        return numbered(block, columns, displays, self.setting.recipe.evaluate.slices)

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        yield encoded

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _displays(self, block: Block) -> list[str]:
        return [" ".join(words) for words in self._words(block)]

    def facts(self) -> Mapping[str, Any]:
        codec = self._ready()
        return {
            "modality": "text",
            "pad_id": codec.pad_id,
            "vocab_size": codec.vocabulary,
            "max_tokens": self.data.max_tokens,
        }

    def save(self, folder: Path) -> None:
        codec = self._ready()
        codec.tokenizer.no_truncation()
        codec.save(folder / "tokenizer")

    def _words(self, block: Block) -> list[list[str]]:
        assert self.data.tokens is not None
        return block.batch[self.data.tokens].to_pylist()

    def _label(self) -> str:
        assert isinstance(self.data.label, str)
        return self.data.label

    def _ready(self) -> TextCodec:
        if self.codec is None:
            vocabulary, style = new_codec_facts(self.setting.recipe.model, self.setting.base)
            self.codec = train_tokenizer(self._texts.texts, vocabulary, style)
            self._texts = Sample()
        return self.codec


def _first_pieces(row: Encoding, tags: list[int]) -> list[int]:
    """The word's tag on its first piece, -100 elsewhere."""
    labels: list[int] = []
    before: int | None = None
    for word in row.word_ids:
        labels.append(IGNORED if word is None or word == before else tags[word])
        before = word
    return labels


@part("encoder", Tokens)
def tokens(spec: Tokens, setting: Setting) -> Encoder:
    """Encoder of token classification."""
    return TokensEncoder(setting)
