"""Labels that are wrong: found and handled, or learned from with care; tables and texts."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.rare_digit import CELLS, coarse
from benchmarks.evidence.places import ASKED, SOURCES, places, recipe
from benchmarks.evidence.rows import (
    SMALL_TABLE,
    TABLE_TRAIN,
    apart,
    measurements,
    tumours,
    write,
)
from benchmarks.evidence.small import small_encoder

OTHER = {
    "benign": "malignant",
    "malignant": "benign",
}
DIGITS = [str(i) for i in range(10)]


def robust(share: float, ramp: int) -> dict[str, dict[str, object]]:
    """What is done about wrong labels, by its name; the share is that of the wrong ones, the ramp
    about a third of the steps."""
    return {
        "clean.labels: remove": {"clean": {"labels": {"handle": "remove"}}},
        "clean.labels: weight": {"clean": {"labels": {"handle": "weight"}}},
        "clean.labels: relabel": {"clean": {"labels": {"handle": "relabel"}}},
        "balance.loss: generalised": {"balance": {"loss": "generalised"}},
        "balance.loss: symmetric": {"balance": {"loss": "symmetric"}},
        f"train.robust: trimmed ({share})": {
            "train": {"robust": {"kind": "trimmed", "share": share}}
        },
        f"train.robust: trimmed ({share}), ramp {ramp}": {
            "train": {"robust": {"kind": "trimmed", "share": share, "ramp": ramp}}
        },
    }


TOLD = (
    "Every setting is the default, but for the share that is trimmed, which is that of the wrong "
    "labels, and the ramp, which is about a third of the steps."
)


def wrong_labels(folder: Path, seed: int) -> None:
    """Three in ten training labels are the other one."""
    train, test = apart(tumours(), seed, 60, 269)
    chance = random.Random(seed)
    flipped = [
        row | {"diagnosis": OTHER[row["diagnosis"]]} if chance.random() < 0.3 else row
        for row in train
    ]
    write(folder, flipped, test)


def wrong_digits(folder: Path, seed: int) -> None:
    """Two in five of 240 training labels are another digit, each of the nine alike."""
    train, test = apart(coarse(), seed, 240, 597)
    chance = random.Random(seed)
    write(folder, [_misread(row["target"], row, chance) for row in train], test)


def _misread(digit: str, row: dict[str, object], chance: random.Random) -> dict[str, object]:
    if chance.random() >= 0.4:
        return row
    return row | {"target": chance.choice([other for other in DIGITS if other != digit])}


def wrong_places(folder: Path, seed: int) -> None:
    """Two in five of 240 training labels are another place."""
    small_encoder()
    train, test = places(seed, 240, 600)
    chance = random.Random(seed)
    flipped = [
        row | {"label": chance.choice([one for one in SOURCES if one != row["label"]])}
        if chance.random() < 0.4
        else row
        for row in train
    ]
    write(folder, flipped, test)


CASES = (
    Case(
        name="wrong-labels",
        title="Wrong labels in a table",
        data="Tumours by thirty measurements, three in ten of the 60 training labels are "
        "flipped, of other rows with each seed. 269 more are tested on with the labels they have.",
        make=wrong_labels,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(tumours(), "diagnosis"), "label": "diagnosis"},
            "train": TABLE_TRAIN,
        },
        remedies=robust(0.3, 25),
        metric="balanced_accuracy",
        also=("roc_auc",),
        seeds=5,
        apart=True,
        notes=(TOLD,),
    ),
    Case(
        name="wrong-labels-digits",
        title="Wrong labels of ten classes",
        data="Handwritten digits as sixteen grey values; two in five of the 240 training labels "
        "are another digit, of other rows with each seed. 597 more are tested on with the labels "
        "they have.",
        make=wrong_digits,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": CELLS, "label": "target"},
            "train": {**TABLE_TRAIN, "epochs": 30, "batch_size": 32},
        },
        remedies=robust(0.4, 75),
        metric="accuracy",
        also=("f1_macro",),
        seeds=5,
        apart=True,
        notes=(TOLD,),
    ),
    Case(
        name="wrong-labels-texts",
        title="Wrong labels of texts",
        data=f"{ASKED} Two in five of the 240 training labels are another place, of other rows "
        "with each seed. 600 more sentences are tested on with the labels they have.",
        make=wrong_places,
        recipe=recipe(steps=90),
        remedies=robust(0.4, 30),
        metric="accuracy",
        also=("f1_macro",),
        apart=True,
        notes=(TOLD,),
    ),
)
