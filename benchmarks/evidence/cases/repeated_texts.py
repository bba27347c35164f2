"""Texts that stand in the training rows many times, with one label or two."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import TEXT_TRAIN, Row, Rows, film_reviews, halves, limited, write
from benchmarks.evidence.small import small, small_encoder

OTHER = {"positive": "negative", "negative": "positive"}


def repeated(folder: Path, seed: int) -> None:
    """Twelve of 300 sentences stand there thirty times, two in five copies with the other label."""
    small_encoder()
    train, test = halves(film_reviews(), seed)
    most = {"positive": 150, "negative": 150}
    kept = limited(train, "label", most)
    chance = random.Random(seed)
    often = [row for row in kept if row["label"] == "negative"][:12]
    copies = [
        row | {"label": OTHER[row["label"]] if chance.random() < 0.4 else row["label"]}
        for row in often
        for _ in range(29)
    ]
    rows: Rows = [*kept, *copies]
    chance.shuffle(rows)
    write(folder, [_bare(row) for row in rows], [_bare(row) for row in test[:1000]])


def _bare(row: Row) -> Row:
    return {name: row[name] for name in ("text", "label")}


CASES = (
    Case(
        name="repeated-texts",
        title="Texts said many times over",
        data="Film reviews, divided anew for each seed: 300 sentences, of which 12 negative ones "
        "are there thirty times, two in five of the copies as positive. A thousand other sentences "
        "are tested on as they are.",
        make=repeated,
        recipe={
            "task": "text-classification",
            "model": small(),
            "data": {"text": "text", "label": "label", "max_tokens": 32},
            "train": {**TEXT_TRAIN, "epochs": 4, "learning_rate": 3e-4},
        },
        remedies={
            f"clean.duplicates, conflicts: {conflicts}": {
                "clean": {"duplicates": {"conflicts": conflicts}}
            }
            for conflicts in ("majority", "first", "drop")
        },
        metric="balanced_accuracy",
        also=("accuracy",),
        notes=("The encoder has two layers. Every setting of the remedies is the default.",),
    ),
)
