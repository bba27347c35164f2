"""What the headers of a base's files tell of its weights is what the model counts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import transformers
from torch import nn

from accord.diagnose.trained import told_trained
from accord.model.load import load_model
from accord.recipe.load import recipe_from

SMALL = {"vocab_size": 40, "hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2}
INNER = {"intermediate_size": 12}
DECODER = SMALL | INNER | {"num_key_value_heads": 1}
TEXT, TOKENS, WORDS = "text-classification", "token-classification", "causal-lm"
IMAGES = "image-classification"
WAYS: tuple[Any, ...] = (
    "full",
    "lora",
    {"kind": "lora", "rank": 3, "layers": [0, -1]},
    {"kind": "bias", "norms": True},
    {"kind": "bias", "norms": True, "layers": [-1]},
)


def stored(kind: str, auto: str, place: Path, given: Mapping[str, Any]) -> None:
    config = transformers.AutoConfig.for_model(kind, **given)
    made = getattr(transformers, auto).from_config(config)
    made.save_pretrained(place / "base")


@pytest.mark.parametrize(
    ("kind", "auto", "task", "given"),
    [
        ("bert", "AutoModel", TEXT, SMALL | INNER),
        ("bert", "AutoModelForMaskedLM", TEXT, SMALL | INNER),  # its pooler is new
        ("bert", "AutoModel", TOKENS, SMALL | INNER),
        ("distilbert", "AutoModelForMaskedLM", TEXT,
         {"vocab_size": 40, "dim": 8, "n_layers": 3, "n_heads": 2, "hidden_dim": 12}),
        ("roberta", "AutoModel", TEXT, SMALL | INNER),
        ("xlm-roberta", "AutoModelForMaskedLM", TOKENS, SMALL | INNER),
        ("gpt2", "AutoModelForCausalLM", TEXT,
         {"vocab_size": 40, "n_embd": 8, "n_layer": 3, "n_head": 2}),
        ("gpt2", "AutoModelForCausalLM", WORDS,
         {"vocab_size": 40, "n_embd": 8, "n_layer": 3, "n_head": 2}),
        ("llama", "AutoModelForCausalLM", WORDS, DECODER | {"tie_word_embeddings": False}),
        ("llama", "AutoModelForCausalLM", TEXT, DECODER),
        ("qwen2", "AutoModelForCausalLM", WORDS, DECODER | {"tie_word_embeddings": True}),
        ("qwen3", "AutoModelForCausalLM", WORDS, DECODER | {"head_dim": 4}),
        ("mistral", "AutoModelForCausalLM", WORDS, DECODER),
        ("vit", "AutoModel", IMAGES,
         {"hidden_size": 8, "num_hidden_layers": 3, "num_attention_heads": 2, "image_size": 8,
          "patch_size": 4} | INNER),
    ],
)  # fmt: skip
def test_headers_tell_what_the_model_counts(
    kind: str, auto: str, task: str, given: Mapping[str, Any], tmp_path: Path
) -> None:
    stored(kind, auto, tmp_path, given)
    schema = {"task": task, "labels": ["a", "b", "c"], "problem": "single-label"}
    schema |= {"modality": "image" if task == IMAGES else "text", "max_tokens": 6}
    for adapt in WAYS:
        recipe = recipe_from(made_of(task, adapt), tmp_path).recipe
        model = load_model(recipe.model, schema, task=task, seed=0, base=tmp_path)
        assert told_trained(recipe, tmp_path, 3) == counted(model), adapt


def test_what_headers_do_not_tell_is_not_guessed(tmp_path: Path) -> None:
    given = SMALL | INNER | {"embedding_size": 8}
    stored("electra", "AutoModel", tmp_path, given)
    assert told_trained(recipe_from(made_of(TEXT, "full"), tmp_path).recipe, tmp_path, 2) is None
    stored("bert", "AutoModel", tmp_path, SMALL | INNER)
    odd = {"kind": "lora", "bias": "all"}
    assert told_trained(recipe_from(made_of(TEXT, odd), tmp_path).recipe, tmp_path, 2) is None
    for layer, told in ((2, True), (3, False), (-3, True), (-4, False)):
        adapt = {"kind": "bias", "layers": [layer]}
        found = told_trained(recipe_from(made_of(TEXT, adapt), tmp_path).recipe, tmp_path, 2)
        assert (found is not None) == told, layer


def counted(model: nn.Module) -> int:
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def made_of(task: str, adapt: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {
        TEXT: {"text": "text", "label": "label"},
        TOKENS: {"tokens": "tokens", "label": "tags"},
        WORDS: {"text": "text"},
        IMAGES: {"image": "image", "label": "label"},
    }[task]
    return {
        "task": task,
        "model": {"base": "base", "agreement": "own", "adapt": adapt},
        "data": {"agreement": "own", "train": "rows.jsonl", **columns},
        "train": {"epochs": 1},
    }
