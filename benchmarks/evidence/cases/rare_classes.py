"""Losses and weights for a class that is rare, in a table and in texts."""

from __future__ import annotations

from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import (
    ENGLISH,
    SMALL_TABLE,
    TABLE_TRAIN,
    TEXT_TRAIN,
    Rows,
    diabetes,
    film_reviews,
    halves,
    limited,
    measurements,
    own_part,
    write,
)

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
    "balance.loss: logit-adjustment": {"balance": {"loss": "logit-adjustment"}},
}


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
    train, test = halves(own_part(film_reviews(), seed), seed, 0.55)
    write(folder, limited(train, "label", {"positive": 600, "negative": 30}), test[:900])


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
        data="Sentences of film reviews, 600 for the film and 30 against it; tested on 900 "
        "other sentences as they come. MiniLM.",
        make=texts,
        recipe={
            "task": "text-classification",
            "model": ENGLISH,
            "data": {"text": "text", "label": "label", "max_tokens": 64},
            "train": TEXT_TRAIN,
        },
        remedies=REMEDIES | SAMPLERS,
        metric="recall [class=negative]",
        also=("f1_macro", "roc_auc"),
        seeds=5,
        disjoint=True,
    ),
)
