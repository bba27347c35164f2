"""The models and batches that private steps are timed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
MINILM = ROOT / "examples/film-reviews/base"
Batch = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Shape:
    """A model, a batch for it, and the loss of each row.

    Args:
        title: In words.
        build: The model; equal at every call.
        batch: Its inputs, and `labels`.
        losses: Loss of each row [B], of inputs and what the model says to them.
    """

    title: str
    build: Callable[[], nn.Module]
    batch: Callable[[], Batch]
    losses: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def _built(kind: Any, config: Any) -> nn.Module:
    torch.manual_seed(0)
    model = kind(config)
    return model.train()


def _by_class(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(logits, labels, reduction="none")


def _by_token(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    found = nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="none"
    )
    return found.view(len(labels), -1).mean(1)


def minilm() -> nn.Module:
    """MiniLM-L6 for classification, no dropping out."""
    config = transformers.BertConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return _built(transformers.BertForSequenceClassification, config)


def adapted() -> nn.Module:
    """MiniLM-L6 of which low-rank updates of all layers and the head are trained."""
    import peft

    model = minilm()
    names = [
        name for name, one in model.named_modules()
        if isinstance(one, nn.Linear) and name != "classifier"
    ]  # fmt: skip
    config: Any = peft.LoraConfig(r=8, target_modules=names, modules_to_save=["classifier"])
    found: Any = peft.get_peft_model(model, config)
    return found.train()


def gpt() -> nn.Module:
    """A GPT-2 of 14 million parameters, head tied to the embedding."""
    config = transformers.GPT2Config(
        vocab_size=8192, n_embd=384, n_layer=6, n_head=6, n_positions=512,
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, use_cache=False,
    )  # fmt: skip
    return _built(transformers.GPT2LMHeadModel, config)


def vit() -> nn.Module:
    """A ViT of 11 million parameters on images of 64 by 64."""
    config = transformers.ViTConfig(
        hidden_size=384, num_hidden_layers=6, num_attention_heads=6, intermediate_size=1536,
        image_size=64, patch_size=8, num_labels=10, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return _built(transformers.ViTForImageClassification, config)


def _texts(rows: int, tokens: int, words: int, classes: int) -> Callable[[], Batch]:
    def batch() -> Batch:
        draw = torch.Generator().manual_seed(1)
        ids = torch.randint(5, words, (rows, tokens), generator=draw)
        labels = torch.randint(classes, (rows,), generator=draw) if classes else ids
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}

    return batch


def _images() -> Batch:
    draw = torch.Generator().manual_seed(1)
    return {
        "pixel_values": torch.randn(32, 3, 64, 64, generator=draw),
        "labels": torch.randint(10, (32,), generator=draw),
    }


SHAPES = {
    "minilm": Shape("MiniLM-L6, 32 x 64 tokens", minilm, _texts(32, 64, 30000, 2), _by_class),
    "lora": Shape(
        "MiniLM-L6 by LoRA, 32 x 64 tokens", adapted, _texts(32, 64, 30000, 2), _by_class
    ),
    "gpt-128": Shape("GPT-2 of 14 M, 16 x 128 tokens", gpt, _texts(16, 128, 8192, 0), _by_token),
    "gpt-512": Shape("GPT-2 of 14 M, 4 x 512 tokens", gpt, _texts(4, 512, 8192, 0), _by_token),
    "vit": Shape("ViT of 11 M, 32 x 65 tokens", vit, _images, _by_class),
}
