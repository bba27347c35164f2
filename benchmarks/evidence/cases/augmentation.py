"""Changed copies of few training rows."""

from __future__ import annotations

from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import (
    CHINESE,
    ENGLISH,
    SMALL_TABLE,
    TABLE_TRAIN,
    chinese_reviews,
    digits,
    film_reviews,
    halves,
    measurements,
    own_part,
    wine,
    write,
    write_images,
)


def english(folder: Path, seed: int) -> None:
    train, test = halves(own_part(film_reviews(), seed), seed)
    write(folder, train[:150], test[:600])


def chinese(folder: Path, seed: int) -> None:
    train, test = halves(own_part(chinese_reviews(), seed), seed)
    write(folder, train[:150], test[:400])


def images(folder: Path, seed: int) -> None:
    train, test = halves(digits(), seed)
    write_images(folder, train[:150], test[:600])


def table(folder: Path, seed: int) -> None:
    train, test = halves(wine(), seed)
    write(folder, train[:24], test)


def by(kind: str, rate: float, **options: object) -> dict[str, object]:
    return {"augment": {"rows": [{"by": {"kind": kind, **options}, "rate": rate}]}}


TEXTS = {"eda": by("eda", 2), "aeda": by("aeda", 2), "typos": by("typos", 2)}
TEXT_TRAIN = {"epochs": 5, "batch_size": 16, "learning_rate": 1e-4, "warmup": 0.1}
CASES = (
    Case(
        name="augment-english",
        title="Few English texts, augmented",
        data="150 sentences of film reviews, drawn anew for each seed; tested on 600 others. "
        "MiniLM, 5 epochs.",
        make=english,
        recipe={
            "task": "text-classification",
            "model": ENGLISH,
            "data": {"text": "text", "label": "label", "max_tokens": 64},
            "train": TEXT_TRAIN,
        },
        remedies=TEXTS,
        metric="accuracy",
        also=("roc_auc",),
        seeds=5,
        disjoint=True,
    ),
    Case(
        name="augment-chinese",
        title="Few Chinese texts, augmented",
        data="150 shopping and book reviews, drawn anew for each seed; tested on 400 others. Two "
        "layers of a multilingual encoder by LoRA, 5 epochs.",
        make=chinese,
        recipe={
            "task": "text-classification",
            "model": CHINESE,
            "data": {"text": "text", "label": "label", "max_tokens": 96},
            "train": TEXT_TRAIN | {"learning_rate": 1e-3},
        },
        remedies={"eda": TEXTS["eda"], "aeda": TEXTS["aeda"]},
        metric="accuracy",
        also=("roc_auc",),
        seeds=5,
        disjoint=True,
    ),
    Case(
        name="augment-images",
        title="Few images, augmented",
        data="150 handwritten digits, drawn anew for each seed; tested on 600 others. A small "
        "ConvNeXt from scratch, 20 epochs.",
        make=images,
        recipe={
            "task": "image-classification",
            "model": {
                "attention": "eager",
                "config": {
                    "model_type": "convnext", "image_size": 8, "patch_size": 2, "num_stages": 2,
                    "hidden_sizes": [48, 96], "depths": [2, 2],
                    "layer_scale_init_value": 1.0,
                },
            },
            "data": {"image": "image", "label": "label"},
            "train": {
                "epochs": 20, "batch_size": 32, "learning_rate": 3e-3, "schedule": "cosine",
                "warmup": 0.1, "weight_decay": 0.05, "precision": "fp32",
            },
        },
        remedies={
            "rotate": by("rotate", 3),
            "crop": by("crop", 3),
            "colour": by("colour", 3),
            "rand-augment": by("rand-augment", 3),
            "flip (wrong for digits)": by("flip", 3),
        },
        metric="accuracy",
        also=("f1_macro",),
        seeds=5,
        notes=("Each run with copies makes four times as many steps as the one without.",),
    ),
    Case(
        name="augment-table",
        title="Few rows of a table, augmented",
        data="24 wines, drawn anew for each seed; tested on 89 others. FT-Transformer, 20 epochs.",
        make=table,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(wine(), "target"), "label": "target"},
            "train": TABLE_TRAIN,
        },
        remedies={
            "noise (0.1)": by("noise", 4, scale=0.1),
            "noise (0.5)": by("noise", 4, scale=0.5),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=5,
        notes=("Each run with copies makes five times as many steps as the one without.",),
    ),
)  # fmt: skip
