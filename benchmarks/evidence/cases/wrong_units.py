"""Whole rows in another unit: no column is odd alone, or all are."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import SMALL_TABLE, TABLE_TRAIN, halves, tumours, write

COLUMNS = [
    f"mean_{name}"
    for name in ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity")
]
TARGET = "worst_area"
SHARE = 0.06


def wrong_units(folder: Path, seed: int) -> None:
    """In six of a hundred training rows every measurement is four times what it is."""
    numbers = [{name: float(row[name]) for name in (*COLUMNS, TARGET)} for row in tumours()]
    train, test = halves(numbers, seed)
    chance = random.Random(seed)
    slipped = set(chance.sample(range(len(train)), round(SHARE * len(train))))
    broken = [
        {name: value * 4 if name != TARGET else value for name, value in row.items()}
        if i in slipped
        else row
        for i, row in enumerate(train)
    ]
    write(folder, broken, test)


ROWS = {"share": SHARE}
FOUND = {
    "mahalanobis, remove": {"by": "mahalanobis"},
    "isolation-forest, remove": {"by": {"kind": "isolation-forest", **ROWS}},
    "isolation-forest, quarantine": {
        "by": {"kind": "isolation-forest", **ROWS}, "handle": "quarantine",
    },
    "isolation-forest, weight": {"by": {"kind": "isolation-forest", **ROWS}, "handle": "weight"},
    "lof, remove": {"by": {"kind": "lof", **ROWS}},
    "ecod, remove": {"by": {"kind": "ecod", **ROWS}},
    "ecod, weight": {"by": {"kind": "ecod", **ROWS}, "handle": "weight"},
    "mad, remove": {"by": "mad"},
    "z-score, remove": {"by": "z-score"},
    "iqr, remove": {"by": "iqr"},
}  # fmt: skip
CASES = (
    Case(
        name="wrong-units",
        title="Rows in another unit",
        data="The worst area of tumours from seven mean measurements, divided anew for each seed; "
        "in six of a hundred training rows every measurement is four times what it is, as if it "
        "were taken in another unit. The other half is tested on as it is.",
        make=wrong_units,
        recipe={
            "task": "table-regression",
            "model": SMALL_TABLE,
            "data": {"numeric": COLUMNS, "label": TARGET},
            "train": TABLE_TRAIN,
        },
        remedies={label: {"clean": {"outliers": [one]}} for label, one in FOUND.items()},
        metric="mae",
        also=("r2",),
        notes=("The share that detectors of rows are given is that of the wrong rows.",),
    ),
)
