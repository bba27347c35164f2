"""Small encoders and a large teacher, made once from the examples' models beside their data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from benchmarks.evidence.rows import ROOT, Rows, write

MINILM = ROOT / "examples/film-reviews/base"
E5 = ROOT / "examples/chinese-reviews/base"
SMALL = "examples/film-reviews/data/two-layers"
"""MiniLM's embeddings and first two layers of six, as a base."""
SMALL_CHINESE = "examples/chinese-reviews/data/two-layers"
"""The same of multilingual E5 (small), of ten layers and with the Chinese vocabulary."""
TEACHER = "examples/film-reviews/data/teacher"
"""A run: MiniLM, all six layers, trained on sentences that no case trains or tests on."""
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")


def small_encoder() -> None:
    """Write `SMALL`, unless it is there."""
    _first_layers(MINILM, ROOT / SMALL)


def small_chinese() -> None:
    """Write `SMALL_CHINESE`, unless it is there."""
    _first_layers(E5, ROOT / SMALL_CHINESE)


def _first_layers(base: Path, folder: Path) -> None:
    if (folder / "model.safetensors").is_file():
        return
    from transformers import AutoModel

    model: Any = AutoModel.from_pretrained(base)
    model.encoder.layer = model.encoder.layer[:2]
    model.config.num_hidden_layers = 2
    model.save_pretrained(folder)
    for name in TOKENIZER:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def teacher(rows: Rows) -> None:
    """Train `TEACHER` on rows with `text` and `label`, unless it is there."""
    folder = ROOT / TEACHER
    if (folder / "summary.json").is_file() and (folder / "model").is_dir():
        return
    import accord

    shutil.rmtree(folder, ignore_errors=True)
    place = folder.with_name("teacher-rows")
    place.mkdir(exist_ok=True)
    write(place, rows, rows[:50])
    train = {"epochs": 2, "batch_size": 16, "learning_rate": 1e-4, "warmup": 0.1}
    recipe: dict[str, Any] = {
        "task": "text-classification",
        "model": {"base": str(MINILM), "agreement": "own"},
        "data": {
            "agreement": "own", "train": str(place / "train.csv"), "validation": 0,
            "test": str(place / "test.csv"), "text": "text", "label": "label",
            "max_tokens": 32, "leakage": {"action": "off"},
        },
        "train": train | {"precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip
    accord.train(recipe, output=folder)


def small(**more: Any) -> dict[str, Any]:
    """The `model` section of the small encoder."""
    return {"base": SMALL, "agreement": "own", **more}


def chinese(**more: Any) -> dict[str, Any]:
    """The same for Chinese."""
    return {"base": SMALL_CHINESE, "agreement": "own", **more}
