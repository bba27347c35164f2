"""Small private runs, from a recipe to a model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from accord.recipe.load import recipe_from
from accord.run import run

WORDS = ("good", "fine", "bad", "poor", *(f"w{i}" for i in range(12)))
STEPS = 15
AGREEMENT = "acts: [train, evaluate, use]\nbudget: {epsilon: 1.2, delta: 1.0e-4}\n"


class Crash(BaseException):
    """The process dies."""


def lay_out(folder: Path) -> Path:
    """Data, agreement and tokenizer of the recipe."""
    chance = np.random.default_rng(0)
    for name, rows in (("a", 160), ("v", 40), ("t", 40)):
        lines = ["text,label,who"]
        for _ in range(rows):
            kind = int(chance.integers(2))
            words = [WORDS[2 * kind + int(chance.integers(2))], *chance.choice(WORDS[4:], 4)]
            lines.append(f"{' '.join(words)},{('pos', 'neg')[kind]},u{chance.integers(40)}")
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (folder / "a.yaml").write_text(AGREEMENT)
    tokens = ["[PAD]", "[UNK]", *WORDS]
    (folder / "tokenizer").mkdir()
    kept: dict[str, Any] = {"single_word": False, "lstrip": False, "rstrip": False}
    kept |= {"normalized": False, "special": True}
    vocabulary = {"type": "WordLevel", "vocab": {w: i for i, w in enumerate(tokens)}}
    tokenizer = {
        "version": "1.0",
        "model": vocabulary | {"unk_token": "[UNK]"},
        "pre_tokenizer": {"type": "Whitespace"},
        "added_tokens": [{"id": i, "content": w, **kept} for i, w in enumerate(tokens[:2])],
    }
    (folder / "tokenizer/tokenizer.json").write_text(json.dumps(tokenizer))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps(special))
    return folder


def recipe(place: Path, agreement: str = "own", **privacy: Any) -> dict[str, Any]:
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = {"model_type": "bert", **size, "intermediate_size": 32, "max_position_embeddings": 16}
    own = {str(place / f"{name}.csv"): "own" for name in "vt"}
    return {
        "task": "text-classification",
        "model": {"config": {**config, "vocab_size": 40}, "tokenizer": str(place / "tokenizer")},
        "data": {
            "agreement": {str(place / "a.csv"): agreement, **own},
            "train": str(place / "a.csv"),
            "validation": str(place / "v.csv"),
            "test": str(place / "t.csv"),
            "text": "text",
            "label": "label",
            "max_tokens": 8,
            "leakage": {"action": "off"},
        },
        "train": {"steps": STEPS, "batch_size": 8, "precision": "fp32", "learning_rate": 0.01},
        "privacy": privacy,
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1, "checkpoint_every": 1e-9, "log_every": 1, "workers": 0},
    }


def trained(
    place: Path,
    output: str,
    made: Mapping[str, Any],
    *,
    resume: bool = False,
    heard: Callable[[Mapping[str, Any]], None] = lambda event: None,
) -> dict[str, Any]:
    loaded = recipe_from(made, place)
    return run(loaded.recipe, place, place / output, resume=resume, sinks=[heard]).summary


def weights(place: Path, output: str) -> bytes:
    return (place / output / "model/model.safetensors").read_bytes()
