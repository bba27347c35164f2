"""Rows that are no rows: garbled texts and noise among the images, labelled at random."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.cold_digits import NINE, convnext, parts, trained
from benchmarks.evidence.cases.cold_start import SOURCES, places
from benchmarks.evidence.rows import (
    TEXT_TRAIN,
    Rows,
    chinese_reviews,
    write,
    write_images,
)
from benchmarks.evidence.small import small, small_encoder

SHARE = 0.4


def garbled(folder: Path, seed: int) -> None:
    """Of 400 training rows 160 are Chinese, read in the wrong encoding, with any label."""
    small_encoder()
    sound, test = places(seed, 240, 1500)
    chance = random.Random(seed)
    foreign = chance.sample(chinese_reviews(), 160)
    junk = [
        {"text": _misread(row["text"]), "label": chance.choice(tuple(SOURCES))} for row in foreign
    ]
    rows: Rows = [*sound, *junk]
    chance.shuffle(rows)
    write(folder, rows, test)


def _misread(text: str) -> str:
    return text[:80].encode("utf-8").decode("cp1252", "replace")


def noise(folder: Path, seed: int) -> None:
    """Of 300 training images 120 are grey noise, with any label."""
    first, second, test = parts()
    trained(NINE, [row for row in first if row["target"] != "7"], convnext(24, 48, 1))
    chance = random.Random(seed)
    sound = chance.sample(second, 180)
    junk = [
        {f"p{i}": float(chance.randrange(17)) for i in range(64)}
        | {"target": str(chance.randrange(10))}
        for _ in range(120)
    ]
    write_images(folder, [*sound, *junk], test)


def looked_at() -> dict[str, Mapping[str, Any]]:
    """Detectors of rows on what the base model makes of them."""
    kinds: dict[str, dict[str, Any]] = {
        f"{kind}, {handle}": {"by": {"kind": kind, "share": SHARE}, "handle": handle}
        for kind, handle in (
            ("isolation-forest", "remove"),
            ("isolation-forest", "weight"),
            ("lof", "remove"),
            ("ecod", "remove"),
        )
    }
    kinds["mahalanobis, remove"] = {"by": "mahalanobis"}
    return {
        f"on embeddings: {name}": {"clean": {"outliers": [{**one, "on": "embeddings"}]}}
        for name, one in kinds.items()
    }


STEPS = {name: value for name, value in TEXT_TRAIN.items() if name != "epochs"} | {
    "steps": 150, "learning_rate": 3e-4,
}  # fmt: skip
CASES = (
    Case(
        name="junk-texts",
        title="Garbled texts among the training rows",
        data="Where is a sentence from: film reviews, Amazon, the New York Times or Twitter? 400 "
        "training rows, drawn anew for each seed: 240 sentences and 160 Chinese reviews that were "
        "read in the wrong encoding, labelled at random. 1,500 other sentences are tested on as "
        "they are. All runs make the same number of steps.",
        make=garbled,
        recipe={
            "task": "text-classification",
            "model": small(),
            "data": {"text": "text", "label": "label", "max_tokens": 48},
            "train": STEPS,
        },
        remedies={
            **looked_at(),
            "clean.filter: symbols 0.2": {"clean": {"filter": {"symbols": 0.2}}},
            "clean.labels: remove": {"clean": {"labels": {}}},
        },
        metric="balanced_accuracy",
        also=("f1_macro",),
        notes=(
            "The encoder has two layers. The share that detectors are given is that of the "
            "garbled rows. An earlier form of the case asked for opinions, which the plain run "
            "hardly learned; it was changed before any result was kept.",
        ),
    ),
    Case(
        name="junk-images",
        title="Noise among the training images",
        data="300 training images, drawn anew for each seed: 180 handwritten digits and 120 that "
        "are grey noise, labelled at random. 597 other digits are tested on as they are. The model "
        "goes on from one that learned nine digits from other images.",
        make=noise,
        recipe={
            "task": "image-classification",
            "model": {"base": f"{NINE}/model", "agreement": "own"},
            "data": {"image": "image", "label": "label"},
            "train": {
                "steps": 120, "batch_size": 16, "learning_rate": 1e-3, "warmup": 0.1,
                "weight_decay": 0.05, "precision": "fp32",
            },
        },
        remedies=looked_at(),
        metric="accuracy",
        also=("f1_macro",),
        notes=("The share that detectors are given is that of the noise.",),
    ),
)  # fmt: skip
