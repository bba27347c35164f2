"""Losses and weights for a class that is rare, in a table and in texts."""

from __future__ import annotations

from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import places, recipe
from benchmarks.evidence.rows import (
    SMALL_TABLE,
    TABLE_TRAIN,
    Rows,
    diabetes,
    halves,
    limited,
    measurements,
    write,
)
from benchmarks.evidence.small import small_encoder

SAMPLERS = {
    "sampler: over": {"balance": {"sampler": "over"}},
    "sampler: under": {"balance": {"sampler": {"kind": "under", "ratio": 3}}},
    "sampler: class-balanced": {"balance": {"sampler": "class-balanced"}},
    "sampler: square-root": {"balance": {"sampler": "square-root"}},
    "sampler: temperature": {"balance": {"sampler": "temperature"}},
}
RESAMPLERS = {
    f"resample: {kind}": {"balance": {"resample": kind}}
    for kind in (
        "smote", "borderline-smote", "adasyn", "smote-enn", "smote-tomek", "near-miss",
        "tomek-links",
    )
}  # fmt: skip
REMEDIES = {
    "balance.weights: inverse": {"balance": {"weights": "inverse"}},
    "balance.weights: square-root": {"balance": {"weights": "square-root"}},
    "balance.weights: effective": {"balance": {"weights": {"kind": "effective", "beta": 0.99}}},
    "balance.loss: focal": {"balance": {"loss": "focal"}},
    "focal, weights: effective": {
        "balance": {"loss": "focal", "weights": {"kind": "effective", "beta": 0.99}}
    },
    "balance.loss: ldam": {"balance": {"loss": "ldam"}},
    "ldam, weights: effective, deferred": {
        "balance": {"loss": "ldam", "weights": {"kind": "effective", "beta": 0.99, "defer": 0.8}}
    },
    "ldam (margin 0: its head alone)": {"balance": {"loss": {"kind": "ldam", "margin": 0}}},
    "ldam (a plain head)": {"balance": {"loss": {"kind": "ldam", "normalised": False}}},
    "balance.loss: logit-adjustment": {"balance": {"loss": "logit-adjustment"}},
}


TWO = {"film": 300, "times": 12}
FEW_SAMPLERS = ("sampler: over", "sampler: under", "sampler: square-root")


def progressions() -> Rows:
    """Diabetes rows with `progress`: fast for the upper quarter."""
    return [
        {**{k: v for k, v in row.items() if k != "target"}, "progress": _speed(row["target"])}
        for row in diabetes()
    ]


def _speed(target: float) -> str:
    return "fast" if target > 211 else "slow"


def table(folder: Path, seed: int) -> None:
    train, test = halves(progressions(), seed, 0.7)
    write(folder, limited(train, "progress", {"fast": 12}), test)


def texts(folder: Path, seed: int) -> None:
    """300 sentences of film reviews and 12 of editorials."""
    small_encoder()
    train, test = places(seed, 1300, 1000)
    kept = [row for row in train if row["label"] in TWO]
    write(folder, limited(kept, "label", TWO), [row for row in test if row["label"] in TWO])


CASES = (
    Case(
        name="rare-class-table",
        title="A rare class in a table",
        data="Diabetes measurements, divided anew for each seed: does the illness progress fast "
        "(the upper quarter)? Of the training rows 12 fast ones stay. Three tenths are tested on "
        "as they are.",
        make=table,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(diabetes(), "target"), "label": "progress"},
            "train": TABLE_TRAIN,
        },
        remedies=REMEDIES | SAMPLERS | RESAMPLERS,
        metric="recall [class=fast]",
        also=("f1_macro", "roc_auc"),
        seeds=10,
    ),
    Case(
        name="rare-class-text",
        title="A rare class in texts",
        data="Sentences of film reviews and of editorials of the New York Times: which is "
        "which? 300 of the former and 12 of the latter to learn from, others for each seed; tested "
        "on about 250 more of each. MiniLM's first two layers.",
        make=texts,
        recipe=recipe(steps=80),
        remedies=REMEDIES | {name: SAMPLERS[name] for name in FEW_SAMPLERS},
        metric="recall [class=times]",
        also=("f1_macro", "roc_auc"),
        seeds=5,
        apart=True,
    ),
)
