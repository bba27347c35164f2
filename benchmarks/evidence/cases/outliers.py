"""Faults planted into a table's training rows, found and handled."""

from __future__ import annotations

import random
import statistics
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import (
    SMALL_TABLE,
    TABLE_TRAIN,
    Rows,
    diabetes,
    halves,
    measurements,
    write,
)

COLUMNS = measurements(diabetes(), "target")


def faulty_values(folder: Path, seed: int) -> None:
    """A tenth of the rows has a wild value in each of three columns: slips of the decimal point."""
    train, test = halves(diabetes(), seed, 0.7)
    chance = random.Random(seed)
    broken: Rows = []
    for row in train:
        slips = chance.sample(COLUMNS, 3) if chance.random() < 0.1 else []
        broken.append(row | {name: row[name] * 100 for name in slips})
    write(folder, broken, test)


def faulty_targets(folder: Path, seed: int) -> None:
    """A tenth of the targets is far too high."""
    train, test = halves(diabetes(), seed, 0.7)
    far = 10 * statistics.stdev(row["target"] for row in train)
    chance = random.Random(seed)
    write(
        folder, [r | {"target": r["target"] + far * (chance.random() < 0.1)} for r in train], test
    )


NOTES = (
    "`ecod` looks at ranks, not at how far a value lies, so it does not see a slip of the decimal "
    "point beside the ordinary ends of ten columns. A lower `weight` does not undo what wild "
    "values do to the scaling of their column: they must leave it.",
)


def case(name: str, title: str, data: str, make: object, remedies: dict[str, object]) -> Case:
    return Case(
        name=name,
        title=title,
        data=data,
        make=make,  # type: ignore[arg-type]
        recipe={
            "task": "table-regression",
            "model": SMALL_TABLE,
            "data": {"numeric": COLUMNS, "label": "target"},
            "train": TABLE_TRAIN,
        },
        remedies={label: {"clean": {"outliers": [one]}} for label, one in remedies.items()},  # type: ignore[dict-item]
        metric="mae",
        notes=NOTES if name == "outliers" else (),
        also=("r2",),
    )


SHARE = {"share": 0.1}
CASES = (
    case(
        "outliers",
        "Outlying values in a table",
        "Diabetes measurements, divided anew for each seed; in a tenth of the training rows three "
        "values are a hundred times too large. Three tenths are tested on as they are.",
        faulty_values,
        {
            "mad, clip": {"by": "mad", "handle": "clip"},
            "mad, replace": {"by": "mad", "handle": "replace"},
            "mad, missing": {"by": "mad", "handle": "replace", "value": "missing"},
            "mad, remove": {"by": "mad"},
            "mad, quarantine": {"by": "mad", "handle": "quarantine"},
            "z-score, remove": {"by": "z-score"},
            "z-score, clip": {"by": "z-score", "handle": "clip"},
            "iqr, remove": {"by": "iqr"},
            "iqr, clip": {"by": "iqr", "handle": "clip"},
            "mahalanobis, remove": {"by": "mahalanobis"},
            "isolation-forest, remove": {"by": {"kind": "isolation-forest", **SHARE}},
            "isolation-forest, weight": {
                "by": {"kind": "isolation-forest", **SHARE},
                "handle": "weight",
            },
            "lof, remove": {"by": {"kind": "lof", **SHARE}},
            "ecod, remove": {"by": {"kind": "ecod", **SHARE}},
        },
    ),
    case(
        "outlying-targets",
        "Outlying targets in a table",
        "Diabetes measurements, divided anew for each seed; a tenth of the training targets is ten "
        "standard deviations too high. Three tenths are tested on as they are.",
        faulty_targets,
        {
            "mad, remove": {"by": "mad", "columns": ["target"]},
            "mad, clip": {"by": "mad", "columns": ["target"], "handle": "clip"},
            "mad, weight": {"by": "mad", "columns": ["target"], "handle": "weight"},
            "ecod, remove": {"by": {"kind": "ecod", **SHARE}, "columns": [*COLUMNS, "target"]},
        },
    ),
)
