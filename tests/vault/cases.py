"""Data of each task, and pieces of them that are looked for when they were sealed."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.vault import needles

ROWS = 128
BERT = {
    "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 64, "vocab_size": 300,
}  # fmt: skip
GPT = {"model_type": "gpt2", "n_embd": 16, "n_layer": 1, "n_head": 2, "n_positions": 64}
VIT = {
    "model_type": "vit", "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 32, "image_size": 16, "patch_size": 8,
}  # fmt: skip
LETTERS = "bcdfghjkmpqrtvwxz"
Made = tuple[str, dict[str, Any], list[bytes]]


@dataclass(frozen=True)
class Case:
    """Data of a task, and what is looked for.

    Args:
        task: The recipe's.
        make: Writes the data; gives their name, sections of the recipe, and needles.
        train: More of the recipe's section.
    """

    task: str
    make: Callable[[Path, random.Random], Made]
    train: Mapping[str, Any] = field(default_factory=dict[str, Any])


def _word(draw: random.Random) -> str:
    return "".join(draw.choice(LETTERS) for _ in range(12))


def _texts(draw: random.Random) -> tuple[list[str], list[str], list[bytes]]:
    """Rows, each with a word of its own, and labels."""
    words = [_word(draw) for _ in range(ROWS)]
    labels = [draw.choice(("yes", "no")) for _ in words]
    mood = {"yes": "warm bright kind", "no": "cold dull rude"}
    texts = [f"{mood[y]} soup {w} day" for w, y in zip(words, labels, strict=True)]
    texts[3] = texts[40]  # the search for leaks finds one, wherever it ends up
    return texts, labels, [n for word in words[::8] for n in needles.of_text(word)]


def text(folder: Path, draw: random.Random) -> Made:
    texts, labels, wanted = _texts(draw)
    bad = _word(draw)
    lines = [*(f"{t},{y}" for t, y in zip(texts, labels, strict=True)), f"{bad},", f"{bad} {bad},"]
    (folder / "rows.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    data = {"text": "text", "label": "label", "max_tokens": 48, "on_bad_row": "quarantine"}
    sections = {"model": {"config": BERT}, "data": data, "clean": {"duplicates": {}}}
    return "rows.csv", sections, [*wanted, *needles.of_text(bad)]


def chat(folder: Path, draw: random.Random) -> Made:
    texts, labels, wanted = _texts(draw)
    rows = [{"q": t, "a": y} for t, y in zip(texts, labels, strict=True)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = {"prompt": "q", "completion": "a", "max_tokens": 48}
    return "rows.jsonl", {"model": {"config": GPT}, "data": data}, wanted


def token(folder: Path, draw: random.Random) -> Made:
    texts, _, wanted = _texts(draw)
    rows = [
        {"tokens": t.split(), "tags": ["B-X" if len(w) == 12 else "O" for w in t.split()]}
        for t in texts
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    data = {"tokens": "tokens", "label": "tags", "max_tokens": 48}
    return "rows.jsonl", {"model": {"config": BERT}, "data": data}, wanted


def table(folder: Path, draw: random.Random) -> Made:
    values = [[round(draw.gauss(0, 1) * 1e4, 9) for _ in "ab"] for _ in range(ROWS)]
    values[7][0] = 987654.321987
    lines = [f"{a!r},{b!r},{'yes' if a > b else 'no'}" for a, b in values]
    (folder / "rows.csv").write_text("a,b,label\n" + "\n".join(lines) + "\n")
    data = {"numeric": ["a", "b"], "label": "label"}
    outliers = [{"by": {"kind": "mad"}, "handle": "quarantine"}]
    wanted = [n for row in values for value in row for n in needles.of_numbers([value])]
    # Four bytes may stand anywhere by chance.
    wanted = [needle for needle in wanted if len(needle) > 4]
    config = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    return (
        "rows.csv",
        {"model": {"config": config}, "data": data, "clean": {"outliers": outliers}},
        wanted,
    )


def image(folder: Path, draw: random.Random) -> Made:
    from PIL import Image

    numbers = np.random.default_rng(draw.randrange(1 << 30))
    wanted: list[bytes] = []
    for i in range(60):
        place = folder / "images" / ("dark" if i % 2 else "light") / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        pixels = numbers.integers(0, 120, (16, 16, 3)) + 120 * (1 - i % 2)
        buffer = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(buffer, "png")
        place.write_bytes(buffer.getvalue())
        wanted += [buffer.getvalue()[60:92], pixels.astype(np.uint8).tobytes()[:24]]
    data = {"image": "image", "label": "label"}
    return "images", {"model": {"config": VIT}, "data": data}, wanted


CASES = {
    "text": Case("text-classification", text),
    "chat": Case("causal-lm", chat),
    "token": Case("token-classification", token),
    "table": Case("table-classification", table),
    "image": Case("image-classification", image),
    "ensemble": Case(
        "table-classification", table, {"ensemble": {"kind": "balanced-bagging", "members": 2}}
    ),
}
