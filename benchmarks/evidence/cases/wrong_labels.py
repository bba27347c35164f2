"""Labels of a table that are wrong: found and handled, or learned from with care."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import TINY_TABLE, TINY_TRAIN, halves, measurements, tumours, write

OTHER = {"benign": "malignant", "malignant": "benign"}


def wrong_labels(folder: Path, seed: int) -> None:
    """Three in ten training labels are the other one."""
    train, test = halves(tumours(), seed, 0.4)
    chance = random.Random(seed)
    flipped = [
        row | {"diagnosis": OTHER[row["diagnosis"]]} if chance.random() < 0.3 else row
        for row in train
    ]
    write(folder, flipped, test)


CASES = (
    Case(
        name="wrong-labels",
        title="Wrong labels in a table",
        data="Tumours by thirty measurements, divided anew for each seed; three in ten of the 228 "
        "training labels are flipped. The other 341 rows are tested on with the labels they have.",
        make=wrong_labels,
        recipe={
            "task": "table-classification",
            "model": TINY_TABLE,
            "data": {"numeric": measurements(tumours(), "diagnosis"), "label": "diagnosis"},
            "train": TINY_TRAIN,
        },
        remedies={
            "clean.labels: remove": {"clean": {"labels": {"handle": "remove"}}},
            "clean.labels: weight": {"clean": {"labels": {"handle": "weight"}}},
            "clean.labels: relabel": {"clean": {"labels": {"handle": "relabel"}}},
        },
        metric="balanced_accuracy",
        also=("roc_auc",),
        seeds=6,
        notes=("Every setting is the default; none was chosen on these rows.",),
    ),
)
