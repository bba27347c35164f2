"""Texts, or pairs of texts, with one or several labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from accord.data.codec import Sample, codec_of, new_codec_facts, teacher_codec
from accord.data.encoder import Encoder, Lengths, Setting, class_labels, numbered, ragged
from accord.data.source import Block
from accord.model.tokenizer import TextCodec, train_tokenizer
from accord.part import Spec, part
from accord.recipe.distill import TEACHER


class Text(Spec):
    """Tokenised texts, cut at `data.max_tokens`."""

    kind: Literal["text-classification"] = "text-classification"


class TextEncoder:
    """Longest-first truncation on the tokenizer's own side, as Transformers does it."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.data = setting, setting.recipe.data
        self.codec = codec_of(setting.recipe.model, setting.base)
        self.surveys = self.codec is None
        self.teacher = teacher_codec(setting.recipe, setting.base, self.codec)
        self.lengths = Lengths()
        self._texts = Sample()

    def survey(self, block: Block) -> None:
        """Collect training texts for a new tokenizer."""
        columns = [block.batch[column].to_pylist() for column in self._columns()]
        self._texts.add(text for row in zip(*columns, strict=True) for text in row)

    def settle(self) -> None:
        self._ready()

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        codec = self._ready()
        columns = [block.batch[name].to_pylist() for name in self._columns()]
        found = self._cut(codec, columns)
        beside = self._for_teacher(columns) if split == "train" else {}
        self.lengths.add(np.array([len(row.ids) for row in found], dtype=np.int64))
        self.lengths.truncated += sum(bool(row.overflowing) for row in found)
        encoded = {"input_ids": ragged([row.ids for row in found], pa.int32())}
        if len(columns) == 2:
            encoded["token_type_ids"] = ragged([row.type_ids for row in found], pa.int8())
        encoded |= beside
        encoded["label"] = class_labels(block, self.setting)
        displays = self._displays(block) if split != "train" else None
        return numbered(block, encoded, displays, self.setting.recipe.evaluate.slices)

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        yield encoded

    def _cut(self, codec: TextCodec, columns: list[list[str]]) -> list[Any]:
        """Every text, or pair, as its tokens up to the cut."""
        codec.cut_at(self.data.max_tokens, pair=len(columns) == 2)
        shorter = [[codec.before_the_cut(text) for text in texts] for texts in columns]
        inputs: Any = list(zip(*shorter, strict=True)) if len(columns) == 2 else shorter[0]
        return codec.tokenizer.encode_batch_fast(inputs)

    def _for_teacher(self, columns: list[list[str]]) -> dict[str, pa.Array]:
        """The same texts in the tokens of a teacher whose tokenizer is another."""
        if self.teacher is None:
            return {}
        found = self._cut(self.teacher, columns)
        encoded = {f"{TEACHER}input_ids": ragged([row.ids for row in found], pa.int32())}
        if len(columns) == 2:
            types = ragged([row.type_ids for row in found], pa.int8())
            encoded[f"{TEACHER}token_type_ids"] = types
        return encoded

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        return iter(())

    def _displays(self, block: Block) -> list[str]:
        columns = [block.batch[name].to_pylist() for name in self._columns()]
        return [" || ".join(texts) for texts in zip(*columns, strict=True)]

    def facts(self) -> Mapping[str, Any]:
        codec = self._ready()
        return {
            "modality": "text",
            "pad_id": codec.pad_id,
            "vocab_size": codec.vocabulary,
            "max_tokens": self.data.max_tokens,
            **({} if self.teacher is None else {"teacher_pad_id": self.teacher.pad_id}),
        }

    def save(self, folder: Path) -> None:
        codec = self._ready()
        codec.tokenizer.no_truncation()
        codec.save(folder / "tokenizer")

    def _columns(self) -> list[str]:
        return [name for name in (self.data.text, self.data.text_pair) if name is not None]

    def _ready(self) -> TextCodec:
        if self.codec is None:
            vocabulary, style = new_codec_facts(self.setting.recipe.model, self.setting.base)
            self.codec = train_tokenizer(self._texts.texts, vocabulary, style)
            self._texts = Sample()
        return self.codec


@part("encoder", Text)
def text(spec: Text, setting: Setting) -> Encoder:
    """Encoder of text classification."""
    return TextEncoder(setting)
