"""Language models: documents, prompts with completions, or conversations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from tokenizers import Encoding

from accord.data.codec import Sample, codec_of, new_codec_facts
from accord.data.encoder import Encoder, Lengths, Setting, ragged
from accord.data.pack import Document, Packer, as_batch, documents
from accord.data.source import Block
from accord.data.split import NAMES
from accord.errors import RecipeError
from accord.model.chat import CHATML, learned_spans
from accord.model.tokenizer import TextCodec, train_tokenizer
from accord.part import Spec, part

Span = tuple[int, int]


class Causal(Spec):
    """Packed token sequences with the mask of what is learned."""

    kind: Literal["causal-lm"] = "causal-lm"


class CausalEncoder:
    """Loss on all of a document, or on completions and assistant turns only."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.data = setting, setting.recipe.data
        self.codec = codec_of(setting.recipe.model, setting.base)
        self.surveys = self.codec is None
        self.lengths = Lengths()
        self.packers: dict[str, Packer] = {
            name: Packer(self.data.max_tokens, together=self.data.pack) for name in NAMES
        }
        self._texts = Sample()
        self._made: dict[str, int] = dict.fromkeys(NAMES, 0)
        if self.data.pack and setting.recipe.evaluate.slices:
            raise _packed_slices()

    def survey(self, block: Block) -> None:
        self._texts.add(self._texts_and_spans(block)[0])

    def settle(self) -> None:
        self._ready()

    def encode(self, block: Block, split: str) -> pa.RecordBatch:
        """One row for each document, or piece of a long one."""
        texts, spans = self._texts_and_spans(block)
        whole = self.data.text is not None
        found = self._ready().tokenizer.encode_batch(
            texts, add_special_tokens=self.data.messages is None
        )
        return as_batch(
            document
            for i, encoding in enumerate(found)
            for document in self._documents(block, i, encoding, texts[i], spans[i], whole)
        )

    def arrange(self, encoded: pa.RecordBatch, split: str) -> Iterator[pa.RecordBatch]:
        rows: list[list[Document]] = []
        for document in documents(encoded):
            rows += self.packers[split].add(document)
        if rows:
            yield self._batch(rows, split)

    def flush(self, split: str) -> Iterator[pa.RecordBatch]:
        rows = list(self.packers[split].flush())
        if rows:
            yield self._batch(rows, split)

    def facts(self) -> Mapping[str, Any]:
        codec = self._ready()
        return {
            "modality": "text",
            "pad_id": codec.pad_id,
            "bos_id": codec.special_id("bos"),
            "eos_id": codec.special_id("eos"),
            "vocab_size": codec.vocabulary,
            "max_tokens": self.data.max_tokens,
        }

    def save(self, folder: Path) -> None:
        codec = self._ready()
        if self.data.messages is not None and codec.chat_template is None:
            codec = replace(codec, chat_template=CHATML)
        codec.save(folder / "tokenizer")

    def _texts_and_spans(self, block: Block) -> tuple[list[str], list[list[Span]]]:
        """Texts and, of each, the character spans that are learned."""
        data = self.data
        if data.text is not None:
            texts = block.batch[data.text].to_pylist()
            return texts, [[(0, len(text))] for text in texts]
        if data.messages is not None:
            codec = self._ready() if not self.surveys else None
            template = (codec.chat_template if codec else None) or CHATML
            special = codec.special if codec else {}
            talks = block.batch[data.messages].to_pylist()
            tools = block.batch[data.tools].to_pylist() if data.tools else [None] * len(talks)
            pairs = [
                learned_spans(template, json.loads(talk), special, json.loads(found or "null"))
                for talk, found in zip(talks, tools, strict=True)
            ]
            return [text for text, _ in pairs], [spans for _, spans in pairs]
        assert data.completion is not None
        completions = block.batch[data.completion].to_pylist()
        prompts = block.batch[data.prompt].to_pylist() if data.prompt else [""] * len(completions)
        texts = [p + c for p, c in zip(prompts, completions, strict=True)]
        return texts, [[(len(p), len(t))] for p, t in zip(prompts, texts, strict=True)]

    def _documents(
        self,
        block: Block,
        index: int,
        encoding: Encoding,
        text: str,
        spans: list[Span],
        whole: bool,
    ) -> Iterator[Document]:
        ids, mask = list(encoding.ids), learned_tokens(encoding.offsets, spans)
        codec = self._ready()
        end = codec.special_id("eos")
        # A template of the tokenizer's own writes its end; ours leaves it to be added.
        if end is not None and (self.data.messages is None or codec.chat_template is None):
            if ids[-1:] != [end]:
                ids.append(end)
                mask.append(True)
            mask[-1] = True  # one that the tokenizer adds stands for no character
        size, slices = self.data.max_tokens, self.setting.recipe.evaluate.slices
        if not whole and len(ids) > size:
            self.lengths.truncated += 1
        kept = False
        # A long document continues in the next block; a long completion is cut.
        cut = max(0, len(ids) - size) if codec.truncation_side == "left" else 0
        starts: Iterable[int] = range(0, len(ids), size) if whole else (cut,)
        for start in starts:
            piece = ids[start : start + size]
            learned = [False, *mask[start + 1 : start + size]]
            if len(piece) > 1 and any(learned):
                self.lengths.add(np.array([len(piece)]))
                yield Document(
                    int(block.rows[index]),
                    block.asset,
                    tuple(piece),
                    tuple(learned),
                    _bytes(text, encoding.offsets, start, learned),
                    tuple((name, block.batch[name][index].as_py()) for name in slices),
                )
                kept = True
        self.lengths.lost += not kept

    def _batch(self, rows: list[list[Document]], split: str) -> pa.RecordBatch:
        """One prepared row for each list of documents, numbered as made."""
        ids = [[t for d in row for t in d.ids] for row in rows]
        columns = {
            "row": pa.array(range(self._made[split], self._made[split] + len(rows)), pa.int64()),
            "asset": pa.array([row[0].asset for row in rows]),
            "input_ids": ragged(ids, pa.int32()),
            "loss_mask": pa.array(
                [[m for d in row for m in d.mask] for row in rows], pa.list_(pa.bool_())
            ),
            "lengths": ragged([[len(d.ids) for d in row] for row in rows], pa.int32()),
            "bytes": pa.array([sum(d.bytes for d in row) for row in rows], pa.int64()),
            "documents": ragged([[d.row for d in row] for row in rows], pa.int64()),
            "document_assets": pa.array(
                [[d.asset for d in row] for row in rows], pa.list_(pa.string())
            ),
        }
        self._made[split] += len(rows)
        if split != "train":
            texts = self._ready().tokenizer.decode_batch([row[:200] for row in ids])
            columns["display"] = pa.array(texts, pa.string())
            for name in self.setting.recipe.evaluate.slices:
                columns[f"slice:{name}"] = pa.array(
                    [dict(row[0].slices)[name] for row in rows], pa.string()
                )
        return pa.RecordBatch.from_pydict(columns)

    def _ready(self) -> TextCodec:
        if self.codec is None:
            vocabulary, style = new_codec_facts(self.setting.recipe.model, self.setting.base)
            self.codec = train_tokenizer(self._texts.texts, vocabulary, style)
            self._texts, self.surveys = Sample(), False
        return self.codec


def learned_tokens(offsets: Sequence[Span], spans: Sequence[Span]) -> list[bool]:
    """Whether each token holds characters of a learned span, as Transformers' assistant masks do.

    A token that begins in the prompt (with its last space, say) is learned: else the first word
    of a completion never were. Special tokens have empty offsets.
    """
    return [end > start and any(start < b and end > a for a, b in spans) for start, end in offsets]


def _bytes(text: str, offsets: Sequence[Span], start: int, learned: Sequence[bool]) -> int:
    """UTF-8 bytes of the text that the learned tokens of a block cover."""
    total = 0
    for index, due in enumerate(learned, start):
        if due and index < len(offsets):
            # From the end of the token before: some tokenizers leave spaces out of offsets.
            first = offsets[index - 1][1]
            total += len(text[first : offsets[index][1]].encode("utf-8"))
    return total


def _packed_slices() -> RecipeError:
    return RecipeError(
        "slices need documents in rows of their own",
        code="slices-packed",
        path="evaluate.slices",
        why="a packed row holds documents of several slices",
        fix="set `data.pack: false`, or leave `evaluate.slices` out",
    )


@part("encoder", Causal)
def causal(spec: Causal, setting: Setting) -> Encoder:
    """Encoder of language modelling and supervised fine-tuning."""
    return CausalEncoder(setting)
