"""A small tokenizer trained on a project's own texts, so that a new model needs no download."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal


def train_tokenizer(texts: Iterable[str], folder: Path, kind: Literal["words", "bytes"]) -> int:
    """Write a Hugging Face tokenizer directory and return the size of its vocabulary.

    Args:
        kind: `words` (WordPiece, for encoders) or `bytes` (byte-level BPE, for language models).
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from tokenizers.trainers import BpeTrainer, WordPieceTrainer

    folder.mkdir(parents=True, exist_ok=True)
    if kind == "words":
        special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]"}
        special |= {"sep_token": "[SEP]", "mask_token": "[MASK]"}
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        names = list(special.values())
        trainer = WordPieceTrainer(vocab_size=2000, special_tokens=names, show_progress=False)
        tokenizer.train_from_iterator(texts, trainer)
        ids = {name: tokenizer.token_to_id(name) for name in names}
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
        )
    else:
        special = {"pad_token": "<pad>", "bos_token": "<s>", "eos_token": "</s>"}
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = BpeTrainer(
            vocab_size=1000,
            special_tokens=list(special.values()),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(texts, trainer)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    return tokenizer.get_vocab_size()
