"""Texts that stand in the training rows many times, with one label or two."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import ASKED, SOURCES, places, recipe
from benchmarks.evidence.rows import Rows, write
from benchmarks.evidence.small import small_encoder

PLACE, OTHERS = "film", [place for place in SOURCES if place != "film"]


def repeated(folder: Path, seed: int) -> None:
    """Twelve of 200 sentences stand there thirty times, two in five copies as from elsewhere."""
    small_encoder()
    kept, test = places(seed, 200, 800)
    chance = random.Random(seed)
    often = [row for row in kept if row["label"] == PLACE][:12]
    copies = [
        row | {"label": chance.choice(OTHERS) if chance.random() < 0.4 else PLACE}
        for row in often
        for _ in range(29)
    ]
    rows: Rows = [*kept, *copies]
    chance.shuffle(rows)
    write(folder, rows, test)


CASES = (
    Case(
        name="repeated-texts",
        title="Texts said many times over",
        data=f"{ASKED} 200 training sentences, others for each seed, of which 12 of film reviews "
        "are there thirty times, two in five of the copies as from elsewhere. 800 more sentences "
        "are tested on as they are. All runs make the same number of steps.",
        make=repeated,
        recipe=recipe(),
        remedies={
            f"clean.duplicates, conflicts: {conflicts}": {
                "clean": {"duplicates": {"conflicts": conflicts}}
            }
            for conflicts in ("majority", "first", "drop")
        },
        metric="accuracy",
        also=("f1_macro",),
        apart=True,
        notes=("Every setting of the remedies is the default.",),
    ),
)
