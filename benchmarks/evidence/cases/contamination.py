"""Test rows that stand in the training rows, inside of longer texts."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import ASKED, SOURCES, every_place, recipe
from benchmarks.evidence.rows import Rows, apart, write
from benchmarks.evidence.small import small_encoder

WORDS, SEEN = 10, 150


def leaked(folder: Path, seed: int) -> None:
    """Of 600 test sentences 150 stand in training texts, after another from the same place."""
    small_encoder()
    long = [row for row in every_place() if len(row["text"].split()) >= WORDS]
    train, test = apart(long, seed, 600, 600)
    rows: Rows = train[:100]
    others = {place: [row for row in train[100:] if row["label"] == place] for place in SOURCES}
    examined: Rows = []
    for number, row in enumerate(test):
        seen = number < SEEN
        examined.append({**row, "seen": "yes" if seen else "no"})
        if seen:
            other = others[row["label"]].pop()
            rows.append(row | {"text": " ".join((row["text"], other["text"]))})
    random.Random(seed).shuffle(rows)
    write(folder, [row | {"seen": "no"} for row in rows], examined)


CASES = (
    Case(
        name="leaked-test",
        title="Test rows inside of training texts",
        data=f"{ASKED} To learn from are 100 sentences, others for each seed, and 150 texts of two "
        "sentences, the first of which is one of the 600 test sentences. Decontamination takes "
        "these texts out: the accuracy on the 150 (`seen=yes`) should fall to that on the 450 "
        "others (`seen=no`), which is the true one. *Harms* is what is to be seen here.",
        make=leaked,
        recipe={**recipe(48, steps=190), "evaluate": {"slices": ["seen"]}},
        remedies={
            "clean.decontaminate: {}": {"clean": {"decontaminate": {}}},
            "clean.decontaminate: ngram 8, share 0.7": {
                "clean": {"decontaminate": {"ngram": 8, "share": 0.7}}
            },
            "data.leakage: rows alone": {"data": {"leakage": {"action": "drop"}}},
        },
        metric="accuracy [seen=yes]",
        also=("accuracy [seen=no]", "accuracy"),
        apart=True,
        notes=("`data.leakage` compares whole rows and is here as what does not see the problem.",),
    ),
)
