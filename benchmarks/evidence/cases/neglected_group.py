"""A group that a model can do without, until it is asked about it; a table and texts."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.rare_digit import CELLS, coarse
from benchmarks.evidence.places import STEPS
from benchmarks.evidence.rows import (
    SMALL_TABLE,
    TABLE_TRAIN,
    Rows,
    apart,
    rated,
    write,
)
from benchmarks.evidence.small import small, small_encoder


def neglected_group(folder: Path, seed: int) -> None:
    """A mark agrees with 95 of 100 training labels, and with half of those tested on."""
    train, test = apart(coarse(), seed, 240, 597)
    write(folder, _marked(train, 0.95, random.Random(seed)), _marked(test, 0.5, random.Random(-1)))


def _marked(rows: Rows, share: float, chance: random.Random) -> Rows:
    marked: Rows = []
    for row in rows:
        agrees = chance.random() < share
        odd = int(row["target"]) % 2 == 1
        mark, parity = int(odd == agrees), "odd" if odd else "even"
        kept = {**{name: row[name] for name in CELLS}, "parity": parity, "mark": mark}
        group = f"{parity}, {'marked' if mark else 'unmarked'}"
        marked.append({**kept, "group": group, "mark_is": "right" if agrees else "wrong"})
    return marked


SOURCES = {"amazonReviewSnippets": "amazon", "nytEditorialSnippets": "times"}


def one_sided(folder: Path, seed: int) -> None:
    """95 of 100 sentences from Amazon are for, 95 of 100 from the Times against."""
    small_encoder()
    train: Rows = []
    test: Rows = []
    rows = rated(*SOURCES)
    random.Random(seed).shuffle(rows)
    for source in SOURCES:
        for label, sign in (("for", 1), ("against", -1)):
            own = [
                {"text": row["text"], "label": label, "group": f"{SOURCES[source]}, {label}"}
                for row in rows
                if row["source"] == source and sign * row["valence"] > 0.5
            ]
            often = (SOURCES[source] == "amazon") == (label == "for")
            kept = [{**row, "kind": "often" if often else "seldom"} for row in own]
            test += kept[:200]
            train += kept[400 : 400 + (285 if often else 15)]
    random.Random(seed).shuffle(train)
    write(folder, train, test)


DRO = {"kind": "group-dro", "groups": "group"}
STEP = "With step 0 groups count alike and none gains weight as it is learned worse."
GROUPS = {
    "group-dro (step 0.1)": {"train": {"robust": {**DRO, "step": 0.1}}},
    "group-dro (step 0.1, adjustment 2)": {
        "train": {"robust": {**DRO, "step": 0.1, "adjustment": 2}}
    },
    "group-dro (step 0)": {"train": {"robust": {**DRO, "step": 0}}},
}
CASES = (
    Case(
        name="neglected-group",
        title="A neglected group",
        data="Handwritten digits as sixteen grey values, odd or even, and a planted mark that "
        "agrees with 95 of 100 training labels, so that few rows teach what to do without it. 240 "
        "rows are learned from, others with each seed. In the 597 that are tested on it agrees "
        "with every second label; the verdict is about those where it is wrong.",
        make=neglected_group,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": [*CELLS, "mark"], "label": "parity"},
            "train": TABLE_TRAIN,
            "evaluate": {"slices": ["mark_is"]},
        },
        remedies=GROUPS,
        metric="accuracy [mark_is=wrong]",
        also=("accuracy [mark_is=right]", "accuracy"),
        seeds=5,
        apart=True,
        notes=("Groups are the four pairs of label and mark.", STEP),
    ),
    Case(
        name="neglected-texts",
        title="Neglected groups of texts",
        data="Sentences from Amazon's reviews and the New York Times, for or against, divided anew "
        "for each seed. In training 285 of 300 from Amazon are for, 285 of 300 from the Times "
        "against. Tested on 200 others of each of the four groups; the verdict is about the two "
        "that training has seldom.",
        make=one_sided,
        recipe={
            "task": "text-classification",
            "model": small(),
            "data": {"text": "text", "label": "label", "max_tokens": 24},
            "train": {**STEPS, "steps": 150},
            "evaluate": {"slices": ["kind", "group"]},
        },
        remedies=GROUPS,
        metric="accuracy [kind=seldom]",
        also=(
            "accuracy [group=amazon, against]",
            "accuracy [group=times, for]",
            "accuracy [kind=often]",
            "accuracy",
        ),
        notes=("The encoder has two layers. Groups are the four pairs of source and label.", STEP),
    ),
)
