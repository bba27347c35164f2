"""A new class of Chinese texts with few rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.forms import FORMS, recipe, texts
from benchmarks.evidence.rows import write
from benchmarks.evidence.small import small_chinese

NEW, OLD, TEST, SEEDS = "ci", 60, 200, 5
TEXTS = {
    "review": "网上买的东西，质量不错，价格便宜，送货很快，酒店房间干净。",
    "qu": "元曲：哥哥你休慌，我这里怎生奈何，只落得一场烦恼也么哥。",
    NEW: "宋词：明月楼高，春风又绿，断肠人在黄昏，烟雨斜阳，几多愁。",
}


def shots(number: int) -> Callable[[Path, int], None]:
    """So many lyrics beside sixty texts of each other form; no seed shares a row."""

    def make(folder: Path, seed: int) -> None:
        small_chinese()
        learned, tested = [], []
        for form in FORMS:
            rows, own = texts(form), number if form == NEW else OLD
            tested += rows[:TEST]
            learned += rows[TEST + seed * OLD :][:own]
        write(folder, learned, tested)

    return make


OVER: Mapping[str, Any] = {"balance": {"sampler": "over"}}
HEAD: Mapping[str, Any] = {"model": {"head": "prototypes"}}
DESCRIBED: Mapping[str, Any] = {"model": {"head": {"kind": "descriptions", "texts": TEXTS}}}
COPIES: Mapping[str, Any] = {
    "balance": {"cold_start": {"rows": 20, "boost": 1}},
    "augment": {"rows": [{"by": "eda", "rate": 8, "classes": "new"}]},
}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "sampler: over": OVER,
    "head: prototypes": HEAD,
    "prototypes, sampler": {**HEAD, **OVER},
    "descriptions, sampler": {**DESCRIBED, **OVER},
    "augment new (eda by word, 8)": COPIES,
    "cold_start (boost 20)": {
        "balance": {"cold_start": {"new": [NEW], "boost": 20, "scale": 1000}}
    },
}


def few_shot(number: int) -> Case:
    rows = "1 row" if number == 1 else f"{number} rows"
    return Case(
        name=f"cold-chinese-{number}",
        title=f"Chinese: a new class with {rows}",
        data=f"Sixty shop reviews, sixty Yuan songs (qu) and {number} of the Song lyrics (ci), "
        f"their first 40 characters, others for each seed; tested on {TEST} of each. The first two "
        "layers of multilingual E5 (small).",
        make=shots(number),
        recipe=dict(recipe(steps=75)),
        remedies=WAYS,
        metric=f"f1 [class={NEW}]",
        also=("balanced_accuracy",),
        seeds=SEEDS,
        apart=True,
    )


CASES = (few_shot(1), few_shot(5), few_shot(20))
