"""A small masked language model that has learned which words stand where."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from functools import cache
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

ANIMALS = ("cat", "dog", "horse", "cow", "bird")
VERBS = ("drinks", "likes", "wants")
DRINKS = ("milk", "water", "juice", "tea")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CHINESE = tuple("很我喜欢讨厌小大猫狗马牛鸟")


def sentences() -> list[str]:
    english = itertools.product(ANIMALS, VERBS, DRINKS)
    chinese = itertools.product(("喜欢", "讨厌"), ("小", "大"), "猫狗马牛鸟")
    return [f"the {a} {v} {d} ." for a, v, d in english] + [f"我{v}{s}{a}" for v, s, a in chinese]


def tokenizer() -> PreTrainedTokenizerFast:
    words = [*SPECIAL, "the", ".", "posi", "##tive", *ANIMALS, *VERBS, *DRINKS, *CHINESE, "##s"]
    made = Tokenizer(models.WordPiece({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = ("pad", "unk", "cls", "sep", "mask")
    tokens = {f"{name}_token": token for name, token in zip(names, SPECIAL, strict=True)}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=32, **tokens)


@cache
def masked_model() -> str:
    """Folder of the model, trained once."""
    torch.manual_seed(0)
    reads = tokenizer()
    config = BertConfig(
        vocab_size=len(reads), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=32,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    model = BertForMaskedLM(config).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    rows = reads(sentences(), padding=True, return_tensors="pt")
    ids, mask = rows["input_ids"], rows["attention_mask"]
    words = (ids > 4) & (ids != 6)
    for _ in range(120):
        hidden = words & (torch.rand(ids.shape) < 0.3)
        shown = ids.masked_fill(hidden, 4)
        labels = ids.masked_fill(~hidden, -100)
        model(input_ids=shown, attention_mask=mask, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    folder = Path(tempfile.mkdtemp(prefix="accord-masked-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    model.eval().save_pretrained(folder)
    reads.save_pretrained(folder)
    return str(folder)
