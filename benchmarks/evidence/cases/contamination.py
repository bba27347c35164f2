"""Test rows that stand in the training rows, inside of longer texts."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import TEXT_TRAIN, Rows, film_reviews, halves, write
from benchmarks.evidence.small import small, small_encoder

WORDS = 14


def leaked(folder: Path, seed: int) -> None:
    """Of 1,200 test sentences 300 stand in training texts, after another of the same label."""
    small_encoder()
    long = [row for row in film_reviews() if len(row["text"].split()) >= WORDS]
    train, test = halves(long, seed)
    rows: Rows = [{name: row[name] for name in ("text", "label")} for row in train[:400]]
    others = {label: [r for r in train[400:] if r["label"] == label] for label in _labels(train)}
    examined: Rows = []
    for number, row in enumerate(test[:1200]):
        seen = number < 300
        examined.append(
            {"text": row["text"], "label": row["label"], "seen": "yes" if seen else "no"}
        )
        if seen:
            other = others[row["label"]].pop()
            text = " ".join((row["text"], other["text"]))
            rows.append({"text": text, "label": row["label"]})
    random.Random(seed).shuffle(rows)
    write(folder, [row | {"seen": "no"} for row in rows], examined)


def _labels(rows: Rows) -> set[str]:
    return {row["label"] for row in rows}


CASES = (
    Case(
        name="leaked-test",
        title="Test rows inside of training texts",
        data="Film reviews, divided anew for each seed: 400 sentences to learn from, and 300 texts "
        "of two sentences, the first of which is one of the 1,200 test sentences. Decontamination "
        "takes these texts out: the accuracy on the 300 (`seen=yes`) should fall to that on the "
        "900 others (`seen=no`), which is the true one. *Harms* is what is to be seen here.",
        make=leaked,
        recipe={
            "task": "text-classification",
            "model": small(),
            "data": {"text": "text", "label": "label", "max_tokens": 64},
            "train": {**TEXT_TRAIN, "epochs": 5, "learning_rate": 2e-4},
            "evaluate": {"slices": ["seen"]},
        },
        remedies={
            "clean.decontaminate: {}": {"clean": {"decontaminate": {}}},
            "clean.decontaminate: ngram 8, share 0.7": {
                "clean": {"decontaminate": {"ngram": 8, "share": 0.7}}
            },
            "data.leakage: rows alone": {"data": {"leakage": {"action": "drop"}}},
        },
        metric="accuracy [seen=yes]",
        also=("accuracy [seen=no]", "accuracy"),
        notes=(
            "The encoder has two layers. `data.leakage` compares whole rows and is here as what "
            "does not see the problem.",
        ),
    ),
)
