"""Where a sentence is from: a question that a small encoder learns from a hundred rows."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from benchmarks.evidence.rows import Rows, apart, rated
from benchmarks.evidence.small import small

SOURCES = {
    "film": "movieReviewSnippets",
    "amazon": "amazonReviewSnippets",
    "times": "nytEditorialSnippets",
    "twitter": "tweets",
}
ASKED = (
    "Where is a sentence from: film reviews, Amazon, the New York Times or Twitter? As many of "
    "each; MiniLM's first two layers."
)
EACH = 3600
STEPS: Mapping[str, Any] = {
    "steps": 60, "batch_size": 8, "learning_rate": 7e-4, "warmup": 0.1, "precision": "fp32",
}  # fmt: skip


def sentences(source: str) -> Rows:
    """All of one source, in an order that is always the same."""
    found = [{**row, "label": source} for row in rated(SOURCES[source])]
    random.Random(source).shuffle(found)
    return found


def every_place() -> Rows:
    """As many sentences of each source: `text`, `label`."""
    return [
        {"text": row["text"], "label": row["label"]}
        for source in SOURCES
        for row in sentences(source)[:EACH]
    ]


def places(seed: int, train: int, test: int) -> tuple[Rows, Rows]:
    """Others to learn from with each seed, the same to be tested on."""
    return apart(every_place(), seed, train, test)


def recipe(tokens: int = 24, **train: Any) -> dict[str, Any]:
    return {
        "task": "text-classification",
        "model": small(),
        "data": {"text": "text", "label": "label", "max_tokens": tokens},
        "train": {**STEPS, **train},
    }
