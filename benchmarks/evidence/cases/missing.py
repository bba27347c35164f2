"""Missing values in a table: at random, and because they are high."""

from __future__ import annotations

import random
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
SHARE = 0.4


def at_random(folder: Path, seed: int) -> None:
    """Four tenths of all values are gone, in training and test rows."""
    chance = random.Random(seed)

    def gaps(rows: Rows) -> Rows:
        return [row | {n: "" for n in COLUMNS if chance.random() < SHARE} for row in rows]

    train, test = halves(diabetes(), seed, 0.7)
    write(folder, gaps(train), gaps(test))


def because_high(folder: Path, seed: int) -> None:
    """Of each column the higher a value, the likelier it is gone."""
    chance, rows = random.Random(seed), diabetes()
    ranks = {name: sorted(row[name] for row in rows) for name in COLUMNS}

    def gone(name: str, value: float) -> bool:
        rank = ranks[name].index(value) / len(rows)
        return chance.random() < 2 * SHARE * rank

    def gaps(some: Rows) -> Rows:
        return [row | {n: "" for n in COLUMNS if gone(n, row[n])} for row in some]

    train, test = halves(rows, seed, 0.7)
    write(folder, gaps(train), gaps(test))


def case(name: str, title: str, data: str, make: object) -> Case:
    kinds = ("median", "mean", "nearest", "iterative")
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
        remedies={kind: {"clean": {"impute": {"numeric": kind}}} for kind in kinds},
        metric="mae",
        also=("r2",),
        notes=("Without a remedy the model takes medians, and learns a vector for gaps.",),
    )


CASES = (
    case(
        "missing-at-random",
        "Missing values in a table",
        "Diabetes measurements, divided anew for each seed; four tenths of all values are gone at "
        "random, in training rows and in the three tenths that are tested on.",
        at_random,
    ),
    case(
        "missing-when-high",
        "Values that are missing because they are high",
        "Diabetes measurements, divided anew for each seed; the higher a value stands in its "
        "column, the likelier it is gone: four tenths of all, in training and test rows.",
        because_high,
    ),
)
