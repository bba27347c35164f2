"""Tiny models of common architectures: seconds to train, and saved as real ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from accord.model.tokenizer import TextCodec, train_tokenizer

Kind = Literal["bert", "roberta", "llama", "gpt2", "vit", "convnext"]

SENTENCES = (
    "the film was bright and the music carried every scene",
    "a dull plot that never found its way out of the fog",
    "Anna from Oslo met Bao in Hanoi before the long winter",
    "she wrote that the river had risen over the old bridge",
    "nothing here is wasted and nothing here is loud",
    "他们在河边等到天亮",
)
"""What the tiny tokenizers are trained on."""

_ENCODER: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 66,
}
_CONFIGS: dict[str, dict[str, Any]] = {
    "bert": {"model_type": "bert", **_ENCODER},
    "roberta": {"model_type": "roberta", "type_vocab_size": 1, **_ENCODER},
    "llama": {"model_type": "llama", "num_key_value_heads": 2, **_ENCODER},
    "gpt2": {"model_type": "gpt2", "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 66},
    "vit": {
        "model_type": "vit",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "image_size": 16,
        "patch_size": 4,
    },
    "convnext": {
        "model_type": "convnext",
        "hidden_sizes": [8, 16],
        "depths": [1, 1],
        "num_stages": 2,
        "patch_size": 2,
        "image_size": 16,
    },
}
MODELS: tuple[str, ...] = tuple(_CONFIGS)
"""Kinds of tiny models."""


def tiny_config(kind: str) -> dict[str, Any]:
    """The `model.config` of a tiny model; sizes that the data decide are left open."""
    return dict(_CONFIGS[kind])


def tiny_tokenizer(kind: str = "bert") -> TextCodec:
    """A tokenizer of about 300 ids, trained on `SENTENCES`; byte-level unless for `bert`."""
    style = "bert" if kind == "bert" else "bpe"
    return train_tokenizer(SENTENCES, 320, style)


def tiny_model(kind: str, folder: Path, *, seed: int = 0) -> Path:
    """Write a pretrained-looking base model: random body, no head, tokenizer, safetensors.

    Args:
        kind: One of `MODELS`.
        folder: Is created.
        seed: Of the weights.

    Returns:
        The folder, fit for `model: {base: ...}`.
    """
    import torch
    from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

    values = tiny_config(kind)
    if kind not in ("vit", "convnext"):
        codec = tiny_tokenizer(kind)
        codec.save(folder)
        values |= {"vocab_size": codec.vocabulary}
        if kind in ("bert", "roberta"):
            values |= {"pad_token_id": codec.pad_id}
        else:
            values |= {"bos_token_id": codec.pad_id, "eos_token_id": codec.pad_id}
    config = AutoConfig.for_model(values.pop("model_type"), **values)
    causal = kind in ("llama", "gpt2")
    auto = AutoModelForCausalLM if causal else AutoModel
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        model: Any = auto.from_config(config)
    model.save_pretrained(folder)
    return folder
