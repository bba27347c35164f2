"""Small data of every task, each with steps of every kind, to be prepared by several engines."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from accord.recipe.load import recipe_from
from accord.recipe.tree import Recipe
from tests.data.sources import BERT

REVIEW = "a film that is worth every minute of it and one more which was not good"
GPT = {"model_type": "gpt2", "vocab_size": 300}


def _sentences(count: int) -> list[str]:
    words = REVIEW.split()
    draw = random.Random(0)
    found = [" ".join(draw.choices(words, k=9)) for _ in range(count)]
    found[3::17] = [f"write to jo.{i}@example.org or call 415-555-01{i:02}" for i in range(0, 99)][
        : len(found[3::17])
    ]
    found[5::23] = [found[4].upper()] * len(found[5::23])
    return found


def text(folder: Path) -> dict[str, Any]:
    """Two CSV files of one source, one of them with bad rows; all steps on texts."""
    for part in range(2):
        with (folder / f"rows-{part}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("text", "label", "place"))
            writer.writerows(
                (t, "yes" if i % 5 else "no", f"p{i % 3}")
                for i, t in enumerate(_sentences(90)[part * 40 :])
            )
            if part:
                writer.writerows([("", "yes", "p1"), ("no label", "", "p1"), ("ragged",)])
    return {
        "task": "text-classification",
        "model": {"config": BERT},
        "data": {
            "train": ["rows-0.csv", "rows-1.csv"],
            "text": "text",
            "label": "label",
            "on_bad_row": "quarantine",
            "leakage": {"action": "drop", "similarity": 0.7},
            "max_tokens": 12,
        },
        "protect": {"entities": ["email", "phone"], "actions": {"phone": "drop"}},
        "clean": {
            "text": {"boilerplate": True},
            "filter": {"least": 3},
            "duplicates": {"similarity": 0.8},
        },
        "augment": {"rows": [{"by": "eda", "rate": 1.5}]},
        "evaluate": {"slices": ["place"]},
    }


def tokens(folder: Path) -> dict[str, Any]:
    lines = [
        {"words": t.split(), "tags": ["O"] * (len(t.split()) - 1) + ["B"]} for t in _sentences(60)
    ]
    _jsonl(folder / "rows.jsonl", lines)
    return {
        "task": "token-classification",
        "model": {"config": BERT},
        "data": {"train": "rows.jsonl", "tokens": "words", "label": "tags", "max_tokens": 10},
        "protect": {"entities": ["email", "phone"]},
    }


def chat(folder: Path) -> dict[str, Any]:
    """Packed conversations, whose rows are put together across units."""
    lines = [
        {"talk": [{"role": "user", "content": t}, {"role": "assistant", "content": t[::-1]}]}
        for t in _sentences(60)
    ]
    _jsonl(folder / "rows.jsonl", lines)
    return {
        "task": "causal-lm",
        "model": {"config": GPT},
        "data": {
            "train": "rows.jsonl",
            "messages": "talk",
            "max_tokens": 128,
            "leakage": {"action": "drop"},
        },
        "protect": {"entities": ["email", "phone"]},
    }


def images(folder: Path) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    for i in range(40):
        place = folder / "pictures" / ("cat" if i % 4 else "dog")
        place.mkdir(parents=True, exist_ok=True)
        stream = io.BytesIO()
        pixels = chance.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(stream, format="PNG")
        (place / f"{i}.png").write_bytes(b"broken" if i == 7 else stream.getvalue())
    return {
        "task": "image-classification",
        "model": {"config": {"model_type": "vit", "image_size": 8}},
        "data": {
            "train": "pictures",
            "image": "image",
            "label": "label",
            "on_bad_row": "quarantine",
        },
        "augment": {"rows": [{"by": "flip", "rate": 0.5, "classes": ["dog"]}]},
    }


def tables(folder: Path) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("x", "y", "place", "label", "zip"))
        for i in range(160):
            x, y = chance.normal(size=2) + (90 if i % 50 == 0 else 0)
            kind = ("north", "south")[i % 2]
            writer.writerow((x, y, kind, "yes" if i % 5 else "no", f"{10110 + i % 4}"))
    return {
        "task": "table-classification",
        "model": {"config": {"model_type": "mlp"}},
        "data": {
            "train": "rows.csv",
            "numeric": ["x", "y"],
            "categorical": ["place", "zip"],
            "label": "label",
            "on_bad_row": "quarantine",
        },
        "protect": {"anonymity": {"k": 3, "quasi": {"zip": "prefix"}, "suppress": 0.2}},
        "clean": {"outliers": [{"by": "mad", "columns": ["x"], "handle": "quarantine"}]},
        "balance": {"resample": "smote"},
        "augment": {"rows": [{"by": "noise", "rate": 0.7}]},
    }


CASES = {"text": text, "tokens": tokens, "chat": chat, "images": images, "tables": tables}


def recipe_of(folder: Path, name: str, engine: Any) -> Recipe:
    """The recipe of a case, its data written into `folder`."""
    content = CASES[name](folder)
    content["data"] |= {"agreement": "own", "engine": engine}
    return recipe_from({**content, "train": {"steps": 1}}).recipe


def _jsonl(path: Path, lines: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
