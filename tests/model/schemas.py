"""What the data stage would say of small data sets, and tiny models for them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from accord.model.load import load_model
from accord.model.save import save_model
from accord.model.tokenizer import train_tokenizer
from accord.recipe.model import Model

TEXTS = [
    "a warm and funny film with a kind heart",
    "dull slow and far too long",
    "the actors are wonderful and the music too",
    "nothing in it works and nobody cares",
] * 4
CONFIGS: dict[str, dict[str, Any]] = {
    "text": {
        "model_type": "bert",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
    },
    "causal": {
        "model_type": "gpt2",
        "n_embd": 32,
        "n_layer": 2,
        "n_head": 4,
        "n_positions": 64,
    },
    "image": {
        "model_type": "vit",
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "image_size": 32,
        "patch_size": 8,
    },
    "convnext": {
        "model_type": "convnext",
        "hidden_sizes": [8, 8, 16, 16],
        "depths": [1, 1, 1, 1],
        "image_size": 32,
    },
    "table": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4},
}
PROBLEMS = {
    "text-classification": "single-label",
    "token-classification": "token-label",
    "causal-lm": "next-token",
    "image-classification": "single-label",
    "table-classification": "single-label",
    "table-regression": "regression",
}
LABELS = {
    "text-classification": ["bad", "good"],
    "token-classification": ["O", "B-PER", "I-PER"],
    "image-classification": ["cat", "dog", "owl"],
    "table-classification": ["no", "yes"],
}
IMAGE = {"size": [32, 32], "channels": 3, "mean": [0.5, 0.4, 0.3], "std": [0.5, 0.3, 0.2]}
COLUMNS = {
    "text-classification": {"text": "text", "label": "label"},
    "token-classification": {"tokens": "words", "label": "tags"},
    "causal-lm": {"text": "text"},
    "image-classification": {"image": "image", "label": "label"},
}


@cache
def codec_for(task: str) -> Any:
    return train_tokenizer(TEXTS, 300, "bpe" if task == "causal-lm" else "bert")


def schema_for(task: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "task": task,
        "problem": PROBLEMS[task],
        "labels": LABELS.get(task, []),
        "columns": COLUMNS.get(task, {"label": "label"}),
    }
    if task.startswith("table-"):
        return schema | {
            "modality": "table",
            "numeric": [
                {"name": "age", "mean": 40.0, "std": 10.0, "median": 38.0},
                {"name": "size", "mean": 0.0, "std": 0.0, "median": 0.0},
            ],
            "categorical": [{"name": "city", "values": ["oslo", "rome"]}],
            "target": {"mean": 100.0, "std": 20.0},
        }
    if task == "image-classification":
        return schema | {"modality": "image", "image": IMAGE, "pad_id": None}
    codec = codec_for(task)
    return schema | {
        "modality": "text",
        "max_tokens": 32,
        "pad_id": codec.pad_id,
        "vocab_size": codec.vocabulary,
        "bos_id": codec.special_id("bos"),
        "eos_id": codec.special_id("eos"),
    }


def config_for(task: str) -> dict[str, Any]:
    names = {"causal-lm": "causal", "image-classification": "image"}
    return CONFIGS[names.get(task, "table" if task.startswith("table") else "text")]


def new_model(task: str, *, seed: int = 0, **model: Any) -> nn.Module:
    if "base" not in model:
        model = {"config": config_for(task), **model}
    spec = Model.model_validate(model)
    return load_model(spec, schema_for(task), task=task, seed=seed, base=Path.cwd())


def saved(task: str, folder: Path, model: nn.Module, adapter: Any = None) -> Path:
    """The model directory that the train stage would write."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = folder.parent / f"{folder.name}-tokenizer"
    schema = schema_for(task)
    if schema["modality"] == "text":
        codec_for(task).save(tokenizer / "tokenizer")
    save_model(
        model,
        folder,
        schema=schema,
        tokenizer_folder=tokenizer / "tokenizer",
        facts={"adapter": adapter or {"kind": "full"}, "seed": 0},
    )
    return folder


def inputs_for(task: str) -> dict[str, torch.Tensor]:
    if task.startswith("table-"):
        numeric = torch.tensor([[30.0, 1.0], [float("nan"), -1.0]])
        return {"numeric": numeric, "categorical": torch.tensor([[1], [0]])}
    if task == "image-classification":
        return {"pixel_values": torch.linspace(-1, 1, 2 * 3 * 32 * 32).view(2, 3, 32, 32)}
    return {"input_ids": torch.arange(5, 25).view(2, 10)}
