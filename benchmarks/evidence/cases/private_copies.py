"""Changed copies of each record in private training: the same epsilon, more of every record."""

from __future__ import annotations

from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.mixing import SMALL_IMAGES
from benchmarks.evidence.rows import digits, halves, write_images

COPIES = 3


def images(folder: Path, seed: int) -> None:
    write_images(folder, *halves(digits(), seed))


def copied(*kinds: str, together: int) -> dict[str, object]:
    """Copies by each kind; so many rows of a record are learned from in a step."""
    rows = [{"by": kind, "rate": COPIES / len(kinds)} for kind in kinds]
    return {"augment": {"rows": rows}, "privacy": {"rows_of_unit": together}}


CASES = (
    Case(
        name="private-copies",
        title="Private training, with changed copies of each record",
        data="900 handwritten digits, 897 others to be tested on, drawn anew for each seed. A small "
        "ConvNeXt from scratch at epsilon 8, 120 steps of 225 records by Poisson sampling.",
        make=images,
        recipe={
            "task": "image-classification",
            "model": SMALL_IMAGES,
            "data": {"image": "image", "label": "label"},
            "train": {
                "steps": 120, "batch_size": 225, "learning_rate": 3e-3, "schedule": "cosine",
                "warmup": 0.1, "weight_decay": 0.05, "precision": "fp32",
            },
            "privacy": {"epsilon": 8},
        },
        remedies={
            "one of four: itself, three rotated": copied("rotate", together=1),
            "all four: itself, three rotated": copied("rotate", together=4),
            "all four: itself, rotated, shifted, scaled": copied(
                "rotate", "translate", "scale", together=4
            ),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=5,
        notes=(
            "All runs have the same epsilon, noise, number of steps and records a step. Where all "
            "four are learned from, the gradient of a record is the mean of theirs, cut as one.",
        ),
    ),
)  # fmt: skip
