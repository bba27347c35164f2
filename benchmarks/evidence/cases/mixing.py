"""Rows mixed with others while training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import ASKED, STEPS, places, recipe
from benchmarks.evidence.rows import (
    SMALL_TABLE,
    TABLE_TRAIN,
    Rows,
    apart,
    chinese_reviews,
    diabetes,
    digits,
    measurements,
    tumours,
    write,
    write_images,
)
from benchmarks.evidence.small import chinese as small_model
from benchmarks.evidence.small import small_chinese, small_encoder

LEARNED, TESTED = 100, 600


def opinions(seed: int, train: int, test: int) -> tuple[Rows, Rows]:
    """Chinese reviews, others to learn from with each seed, the same to be tested on."""
    rows = [{"text": row["text"][:120], "label": row["label"]} for row in chinese_reviews()]
    return apart(rows, seed, train, test)


def english(folder: Path, seed: int) -> None:
    small_encoder()
    write(folder, *places(seed, LEARNED, TESTED))


def chinese(folder: Path, seed: int) -> None:
    small_chinese()
    write(folder, *opinions(seed, LEARNED, TESTED))


def images(folder: Path, seed: int) -> None:
    write_images(folder, *apart(digits(), seed, 150, 897))


def table(folder: Path, seed: int) -> None:
    write(folder, *apart(tumours(), seed, 40, 289))


def numbers(folder: Path, seed: int) -> None:
    write(folder, *apart(diabetes(), seed, 40, 202))


def mix(kind: str, **options: object) -> dict[str, object]:
    return {"augment": {"mix": {"kind": kind, **options}}}


MIXUPS = {
    "mixup (alpha 0.2)": mix("mixup", alpha=0.2),
    "mixup (alpha 1)": mix("mixup", alpha=1.0),
}
WEAK = {"mixup (alpha 0.2)": MIXUPS["mixup (alpha 0.2)"]}
SMALL_IMAGES = {
    "attention": "eager",
    "config": {
        "model_type": "convnext", "image_size": 8, "patch_size": 2, "num_stages": 2,
        "hidden_sizes": [48, 96], "depths": [2, 2], "layer_scale_init_value": 1.0,
    },
}  # fmt: skip
IMAGE_TRAIN = {
    "steps": 300, "batch_size": 32, "learning_rate": 3e-3, "schedule": "cosine", "warmup": 0.1,
    "weight_decay": 0.05, "precision": "fp32",
}  # fmt: skip
TABLE_STEPS = {name: value for name, value in TABLE_TRAIN.items() if name != "epochs"} | {
    "steps": 200
}
LONGER: dict[str, Any] = {"steps": 120, "learning_rate": 5e-4}
CHINESE = {
    "task": "text-classification",
    "model": small_model(),
    "data": {"text": "text", "label": "label", "max_tokens": 48},
    "train": {**STEPS, **LONGER},
}
ALIKE = "All runs make the same number of steps."
CASES = (
    Case(
        name="mix-images",
        title="Few images, mixed",
        data="150 handwritten digits, others for each seed; tested on 897 more. A "
        "small ConvNeXt from scratch, 300 steps.",
        make=images,
        recipe={
            "task": "image-classification",
            "model": SMALL_IMAGES,
            "data": {"image": "image", "label": "label"},
            "train": IMAGE_TRAIN,
        },
        remedies={
            **MIXUPS,
            "cutmix": mix("cutmix"),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=6,
        apart=True,
        notes=(ALIKE,),
    ),
    Case(
        name="mix-table",
        title="Few rows of a table, mixed",
        data="40 tumours, others for each seed; tested on 289 more. FT-Transformer, 200 "
        "steps.",
        make=table,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(tumours(), "diagnosis"), "label": "diagnosis"},
            "train": TABLE_STEPS,
        },
        remedies=WEAK,
        metric="roc_auc",
        also=("accuracy", "log_loss"),
        seeds=7,
        apart=True,
        notes=(ALIKE,),
    ),
    Case(
        name="mix-numbers",
        title="Few numbers to be learned, mixed",
        data="40 patients with diabetes, others for each seed; tested on 202 more. "
        "FT-Transformer, 200 steps.",
        make=numbers,
        recipe={
            "task": "table-regression",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(diabetes(), "target"), "label": "target"},
            "train": TABLE_STEPS,
        },
        remedies=WEAK,
        metric="rmse",
        also=("r2",),
        seeds=6,
        apart=True,
        notes=(ALIKE,),
    ),
    Case(
        name="mix-english",
        title="Few English texts, mixed",
        data=f"{ASKED} 100 sentences, others for each seed; tested on 600 more. 120 steps.",
        make=english,
        recipe=recipe(**LONGER),
        remedies=MIXUPS,
        metric="accuracy",
        also=("log_loss",),
        seeds=5,
        apart=True,
        notes=(ALIKE,),
    ),
    Case(
        name="mix-chinese",
        title="Few Chinese texts, mixed",
        data="100 reviews of hotels, books and goods, for or against, others for each seed; tested "
        "on 600 more. Two layers of a multilingual encoder, 120 steps.",
        make=chinese,
        recipe=CHINESE,
        remedies=MIXUPS,
        metric="accuracy",
        also=("roc_auc", "log_loss"),
        seeds=5,
        apart=True,
        notes=(ALIKE,),
    ),
)  # fmt: skip
