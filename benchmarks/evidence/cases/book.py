"""A corpus with what corpora of the web have: other languages, lists, pages said many times."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.web_texts import verses
from benchmarks.evidence.rows import chinese_reviews

PAGE = 6
"""Verses of a page."""
WORDS = ("sale", "free", "click", "here", "now", "best", "price", "buy")


def spoiled(folder: Path, seed: int) -> None:
    """Of 4,000 texts 1,200 are pages of the book; the rest repeats, lists, or is in Chinese."""
    chance = random.Random(seed)
    rows = verses()
    held = [row["text"] for row in rows if row["book"] == "John"]
    known = [row["text"] for row in rows if row["book"] not in ("John", "Acts")]
    pages = [" ".join(known[i : i + PAGE]) for i in range(0, len(known), PAGE)]
    chosen = chance.sample(pages, 1200)
    chinese = chance.sample([row["text"] for row in chinese_reviews()], 800)
    made = [
        *chosen,
        *(page for page in chosen[:10] for _ in range(120)),
        *(_listed(chance) for _ in range(400)),
        *(_shouted(chance) for _ in range(400)),
        *chinese,
    ]
    chance.shuffle(made)
    tested = [" ".join(held[i : i + PAGE]) for i in range(0, len(held), PAGE)]
    for name, texts in (("train", made), ("test", tested)):
        lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


def _listed(chance: random.Random) -> str:
    """A table of numbers and signs."""
    return " | ".join(
        f"#{chance.randrange(1000)}.{chance.randrange(100):02} :: ${chance.randrange(90)} -- %"
        for _ in range(24)
    )


def _shouted(chance: random.Random) -> str:
    """The same few words again and again."""
    return " ".join(chance.sample(WORDS, 4) * 24)


def clean(**steps: Any) -> dict[str, Any]:
    return {"clean": steps}


ENGLISH = {"languages": ["en"]}
RULES = {"symbols": 0.2, "repeated": 0.3}
CASES = (
    Case(
        name="spoiled-corpus",
        title="A spoiled corpus",
        data="A language model from scratch on 4,000 texts, drawn anew for each seed: 1,200 pages "
        "of the King James Bible; ten of these 120 times more; 800 Chinese reviews; 400 tables of "
        "numbers and 400 texts that repeat a few words. Tested on the Gospel of John, which is in "
        "none of them. All runs make the same number of steps.",
        make=spoiled,
        recipe={
            "task": "causal-lm",
            "model": {
                "config": {
                    "model_type": "llama", "vocab_size": 4096, "hidden_size": 96,
                    "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4,
                    "num_key_value_heads": 4, "max_position_embeddings": 128,
                    "tie_word_embeddings": True,
                },
                "tokenizer": "examples/kjv/tokenizer",
            },
            "data": {"text": "text", "max_tokens": 128, "pack": True},
            "train": {
                "steps": 150, "batch_size": 8, "learning_rate": 4e-3, "schedule": "cosine",
                "warmup": 0.1, "weight_decay": 0.1, "precision": "fp32",
            },
        },
        remedies={
            "clean.filter: languages en": clean(filter=ENGLISH),
            "clean.filter: symbols 0.2": clean(filter={"symbols": 0.2}),
            "clean.filter: repeated 0.3": clean(filter={"repeated": 0.3}),
            "clean.duplicates: equal": clean(duplicates={"similarity": None}),
            "clean.duplicates: 0.8": clean(duplicates={}),
            "all filters": clean(filter={**ENGLISH, **RULES}),
            "all filters, duplicates": clean(filter={**ENGLISH, **RULES}, duplicates={}),
        },
        metric="perplexity",
        also=("token_accuracy",),
    ),
)  # fmt: skip
