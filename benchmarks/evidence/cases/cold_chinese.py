"""A rare class of Chinese reviews with few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import STEPS
from benchmarks.evidence.rows import chinese_reviews, own_part, write
from benchmarks.evidence.small import chinese, small_chinese

OLD, NEW, TEST, SEEDS = 80, "negative", 250, 5
TEXTS = {
    "positive": "很好，很满意，喜欢，推荐，下次还会来。",
    NEW: "很差，失望，不好，后悔，再也不会来了。",
}


def shots(number: int) -> Callable[[Path, int], None]:
    """So many complaints beside eighty praises; no seed shares a row."""

    def make(folder: Path, seed: int) -> None:
        small_chinese()
        rows = [
            {"text": row["text"][:120], "label": row["label"]}
            for row in own_part(chinese_reviews(), seed, SEEDS)
        ]
        old, new = (
            [row for row in rows if (row["label"] == NEW) == is_new] for is_new in (False, True)
        )
        test = old[:TEST] + new[:TEST]
        write(folder, old[TEST : TEST + OLD] + new[TEST : TEST + number], test)

    return make


OVER: Mapping[str, Any] = {"balance": {"sampler": "over"}}
HEAD: Mapping[str, Any] = {"model": {"head": "prototypes"}}
DESCRIBED: Mapping[str, Any] = {"model": {"head": {"kind": "descriptions", "texts": TEXTS}}}
COPIES: Mapping[str, Any] = {
    "balance": {"cold_start": {"rows": 20, "boost": 1}},
    "augment": {"rows": [{"by": "eda", "rate": 4, "classes": "new"}]},
}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "sampler: over": OVER,
    "prototypes, sampler": {**HEAD, **OVER},
    "descriptions, sampler": {**DESCRIBED, **OVER},
    "augment new (eda by word, 4)": COPIES,
    "cold_start (boost 8)": {"balance": {"cold_start": {"new": [NEW], "boost": 8, "scale": 1000}}},
}


def few_shot(number: int) -> Case:
    return Case(
        name=f"cold-chinese-{number}",
        title=f"Chinese: a class with {number} rows",
        data=f"Eighty favourable reviews of hotels, books and goods and {number} unfavourable, "
        f"drawn anew for each seed; tested on {TEST} others of each. The first two layers of "
        "multilingual E5 (small).",
        make=shots(number),
        recipe={
            "task": "text-classification",
            "model": chinese(),
            "data": {"text": "text", "label": "label", "max_tokens": 48},
            "train": {**STEPS, "steps": 75},
        },
        remedies=WAYS,
        metric="balanced_accuracy",
        also=(f"f1 [class={NEW}]", "roc_auc"),
        seeds=SEEDS,
        disjoint=True,
    )  # fmt: skip


CASES = (few_shot(1), few_shot(5), few_shot(20))
