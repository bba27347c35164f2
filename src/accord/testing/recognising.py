"""The contract of recognisers, and a token classifier made by hand to try one with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import pyarrow as pa

from accord.data.protect.spans import Spans
from accord.part import require
from accord.recipe.recogniser import RecogniserSpec
from accord.testing.contract import Contract


class RecogniserContract(Contract):
    """Says where identifiers stand, in bytes, of the kinds that its description names.

    Attributes:
        base: Folder that paths of its options start from.
        known: Texts and what must be found in them: kinds and what stands there.
    """

    base: ClassVar[Path] = Path()
    known: ClassVar[Mapping[str, Sequence[tuple[str, str]]]] = {}

    def found(self, texts: Sequence[str | None]) -> Spans:
        return self.part(self.spec(), self.base, "protect.recognisers[0]")(
            pa.array(texts, pa.string())
        )

    def test_its_description_names_kinds_and_files(self) -> None:
        spec = cast("RecogniserSpec", self.spec())
        assert isinstance(spec, RecogniserSpec)
        assert spec.kinds
        assert all((self.base / path).exists() for path in spec.files.values())

    def test_what_is_known_is_found_where_it_stands(self) -> None:
        assert self.known, "give texts and what is in them"
        texts = ["", *self.known, None]
        spans = self.found(texts)
        kinds = cast("RecogniserSpec", self.spec()).kinds
        cut = zip(spans.row.tolist(), spans.start.tolist(), spans.end.tolist(), strict=True)
        seen = [(row, (texts[row] or "").encode()[a:b].decode()) for row, a, b in cut]
        for row, text in enumerate(self.known, 1):
            for kind, value in self.known[text]:
                assert kind in kinds
                assert (row, value, kind) in {
                    (r, v, k) for (r, v), k in zip(seen, spans.entities(), strict=True)
                }
        assert set(spans.entities()) <= set(kinds)
        assert spans.row.tolist() == sorted(spans.row.tolist())
        assert not {0, len(texts) - 1} & set(spans.row.tolist())

    def test_each_text_is_looked_at_by_itself(self) -> None:
        texts = list(self.known)
        together = self.found(texts)
        for row, text in enumerate(texts):
            alone, own = self.found([text]), together.row == row
            assert together.start[own].tolist() == alone.start.tolist()
            assert together.end[own].tolist() == alone.end.tolist()

    def test_nothing_is_found_in_nothing(self) -> None:
        assert not len(self.found([]))
        assert not len(self.found([None, "", " \n"]))


def tiny_tagger(folder: Path, words: Mapping[str, str]) -> None:
    """Write a token classifier that gives each of these words its label, and `O` to all others.

    Its weights are set by hand: attention and feed-forward layers add nothing, and the embedding
    of a word is its label.

    Args:
        folder: Receives config.json, model.safetensors and tokenizer.json.
        words: In small letters. Labels such as `B-PER`; a word piece begins with `##`.
    """
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    transformers = require("transformers", "train", "a tiny model")
    labels = ["O", *sorted(set(words.values()))]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {token: place for place, token in enumerate([*special, *words])}
    config = transformers.BertConfig(
        vocab_size=len(vocabulary), hidden_size=len(labels), num_hidden_layers=1,
        num_attention_heads=1, intermediate_size=2, max_position_embeddings=34,
        num_labels=len(labels), id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
    )  # fmt: skip
    model: Any = transformers.BertForTokenClassification(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        table = model.bert.embeddings.word_embeddings.weight
        table[:, 0] = 9.0
        for word, label in words.items():
            table[vocabulary[word]] = 0.0
            table[vocabulary[word], labels.index(label)] = 9.0
        model.classifier.weight.copy_(9 * torch.eye(len(labels)))
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()  # type: ignore[assignment]
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()  # type: ignore[assignment]
    ends = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )  # type: ignore[assignment]
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    (folder / "tokenizer_config.json").write_text(json.dumps(names), encoding="utf-8")
