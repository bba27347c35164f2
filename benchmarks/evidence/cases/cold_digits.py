"""A new digit with few images, on a model that knows the other nine; a large model's answers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import ROOT, Rows, digits, write_images

NINE = "examples/film-reviews/data/nine-digits"
LARGE = "examples/film-reviews/data/all-digits"
NEW, OLD_ROWS, MANY, SEEDS = "7", 12, 20, 5
TRAIN = {
    "epochs": 12, "batch_size": 16, "learning_rate": 2e-3, "schedule": "cosine", "warmup": 0.1,
    "weight_decay": 0.05, "precision": "fp32",
}  # fmt: skip


def convnext(narrow: int, wide: int, depth: int) -> dict[str, Any]:
    """A `model` section: a new ConvNeXt for images of 8 by 8."""
    return {
        "attention": "eager",
        "config": {
            "model_type": "convnext", "image_size": 8, "patch_size": 2, "num_stages": 2,
            "hidden_sizes": [narrow, wide], "depths": [depth, depth],
            "layer_scale_init_value": 1.0,
        },
    }  # fmt: skip


def parts() -> tuple[Rows, Rows, Rows]:
    """Rows that other models learned from, rows that seeds draw from, rows that are tested on."""
    rows = digits()
    random.Random(7).shuffle(rows)
    return rows[:600], rows[600:1200], rows[1200:]


def trained(place: str, rows: Rows, model: Mapping[str, Any]) -> None:
    """A run on these rows, unless it is there."""
    folder = ROOT / place
    if (folder / "model").is_dir():
        return
    import accord

    shutil.rmtree(folder, ignore_errors=True)
    images = folder.with_name(f"{folder.name}-images")
    write_images(images, rows, rows[:100])
    recipe: dict[str, Any] = {
        "task": "image-classification",
        "model": model,
        "data": {
            "agreement": "own", "train": str(images / "train"), "test": str(images / "test"),
            "validation": 0, "image": "image", "label": "label", "leakage": {"action": "off"},
        },
        "train": TRAIN,
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip
    accord.train(recipe, output=folder)


def shots(number: int) -> Callable[[Path, int], None]:
    """Images of a seed are of no other, but where so many of the new digit are not to be had."""

    def make(folder: Path, seed: int) -> None:
        learned, drawn, tested = parts()
        others = [row for row in learned if row["target"] != NEW]
        trained(NINE, others, convnext(24, 48, 1))
        if number == MANY:
            random.Random(seed).shuffle(drawn)
        train: Rows = []
        for digit in map(str, range(10)):
            own = [row for row in drawn if row["target"] == digit]
            each = number if digit == NEW else OLD_ROWS
            first = 0 if number == MANY else min(seed * each, len(own) - each)
            train += own[first : first + each]
        write_images(folder, train, tested)

    return make


def students(folder: Path, seed: int) -> None:
    learned, drawn, tested = parts()
    trained(LARGE, learned, convnext(32, 64, 2))
    write_images(folder, drawn[80 * seed : 80 * (seed + 1)], tested)


COLD = {"cold_start": {"new": [NEW], "boost": 10, "scale": 1000}}
OVER = {"sampler": "over"}
PROTOTYPES = {"model": {"head": "prototypes"}}
COPIES = {
    "balance": {"cold_start": {"rows": 10, "boost": 1}},
    "augment": {"rows": [{"by": "rotate", "rate": 6, "classes": "new"}]},
}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "cold_start (boost 10)": {"balance": COLD},
    "head: prototypes": PROTOTYPES,
    "sampler: over": {"balance": OVER},
    "augment new (rotate, 6)": COPIES,
    "prototypes, sampler": {**PROTOTYPES, "balance": OVER},
    "prototypes, a tenth of the rate": {**PROTOTYPES, "train": {"learning_rate": 5e-5}},
    "prototypes, head_rate 10, probe 0.3": {**PROTOTYPES, "train": {"head_rate": 10, "probe": 0.3}},
}
IMAGES = {"image": "image", "label": "label"}


def few_shot(number: int) -> Case:
    return Case(
        name=f"cold-digit-{number}",
        title=f"A new digit with {number} image" + ("s" if number > 1 else ""),
        data=f"Handwritten digits: 12 images of each, but {number} of the 7, "
        f"{'drawn anew' if number == MANY else 'others'} for each seed; tested on 597 more. The "
        "base is a small ConvNeXt that was trained on 540 images of the other nine digits and has "
        "never seen a 7; 4 epochs.",
        make=shots(number),
        recipe={
            "task": "image-classification",
            "model": {"base": f"{NINE}/model", "agreement": "own"},
            "data": IMAGES,
            "train": TRAIN | {"epochs": 4, "learning_rate": 5e-4},
        },
        remedies=WAYS,
        metric=f"f1 [class={NEW}]",
        also=(f"recall [class={NEW}]", "f1_macro"),
        seeds=SEEDS,
        apart=number != MANY,
    )


CASES = (
    few_shot(1),
    few_shot(5),
    few_shot(MANY),
    Case(
        name="distil-digits",
        title="A small model learns from a larger one",
        data="80 handwritten digits, others for each seed; tested on 597 more. A ConvNeXt of "
        "5,000 weights; the teacher is one of 100,000, trained on 600 digits that are in neither.",
        make=students,
        recipe={
            "task": "image-classification",
            "model": convnext(8, 16, 1),
            "data": IMAGES,
            "train": TRAIN | {"epochs": 20},
        },
        remedies={
            f"distill (weight {weight})": {
                "train": {
                    "distill": {
                        "teacher": LARGE, "agreement": "own", "weight": weight,
                        "by": [{"kind": "logits", "temperature": 4}],
                    }
                }
            }
            for weight in (0.5, 0.9)
        },
        metric="accuracy",
        also=("f1_macro", "log_loss"),
        seeds=7,
        apart=True,
    ),
)  # fmt: skip
