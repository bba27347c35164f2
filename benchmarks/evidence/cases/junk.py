"""Rows that are no rows: garbled texts and noise among the images, labelled at random."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.cold_digits import NINE, convnext, parts, trained
from benchmarks.evidence.places import ASKED, SOURCES, places, recipe
from benchmarks.evidence.rows import Rows, chinese_reviews, write, write_images
from benchmarks.evidence.small import small_encoder

SHARE = 0.4


def garbled(folder: Path, seed: int) -> None:
    """Of 200 training rows 80 are Chinese, read in the wrong encoding, with any label."""
    small_encoder()
    sound, test = places(seed, 120, 800)
    chance = random.Random(seed)
    foreign = chance.sample(chinese_reviews(), 80)
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


CASES = (
    Case(
        name="junk-texts",
        title="Garbled texts among the training rows",
        data=f"{ASKED} 200 training rows, others for each seed: 120 sentences and 80 Chinese "
        "reviews that were read in the wrong encoding, labelled at random. 800 more sentences are "
        "tested on as they are. All runs make the same number of steps.",
        make=garbled,
        recipe=recipe(),
        remedies={
            **looked_at(),
            "clean.filter: symbols 0.2": {"clean": {"filter": {"symbols": 0.2}}},
            "clean.labels: remove": {"clean": {"labels": {}}},
        },
        metric="accuracy",
        also=("f1_macro",),
        apart=True,
        notes=("The share that detectors are given is that of the garbled rows.",),
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
