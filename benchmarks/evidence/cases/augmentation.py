"""Changed copies of few training rows: one case for texts of each language, images, a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.mixing import (
    IMAGE_TRAIN,
    SMALL_IMAGES,
    TESTED,
)
from benchmarks.evidence.forms import ASKED as WHAT
from benchmarks.evidence.forms import forms
from benchmarks.evidence.forms import recipe as chinese_recipe
from benchmarks.evidence.masked import PLACE, masked_model
from benchmarks.evidence.places import ASKED, places, recipe
from benchmarks.evidence.rows import (
    ROOT,
    SMALL_TABLE,
    TABLE_TRAIN,
    apart,
    digits,
    measurements,
    wine,
    write,
    write_images,
)
from benchmarks.evidence.small import small_chinese, small_encoder

LEARNED, SEEDS = 100, 5
LEXICONS = ROOT / "examples" / "lexicons" / "data"


def english(folder: Path, seed: int) -> None:
    small_encoder()
    texts = [row["text"] for row in places(1, 6000, TESTED)[0]]
    masked_model("english", "examples/film-reviews/base", texts, 300)
    write(folder, *places(seed, LEARNED, TESTED))


def chinese(folder: Path, seed: int) -> None:
    small_chinese()
    write(folder, *forms(seed, 60, TESTED))


def images(folder: Path, seed: int) -> None:
    write_images(folder, *apart(digits(), seed, 150, 897))


def table(folder: Path, seed: int) -> None:
    write(folder, *apart(wine(), seed, 18, 88))


def by(kind: str, rate: float, **options: object) -> dict[str, object]:
    return {"augment": {"rows": [{"by": {"kind": kind, **options}, "rate": rate}]}}


def fewer(steps: int) -> Mapping[str, Any]:
    """The plain run once more, with as many epochs as a run with copies has."""
    return {"train": {"steps": steps}}


ALIKE = "All runs make the same number of steps; those with copies go through fewer epochs."
MASKED = (
    "The masked language model is the whole encoder, whose last two layers and new head were "
    "trained for 300 steps to fill gaps in other texts of the same kind; the other runs do not see "
    "these."
)
CASES = (
    Case(
        name="augment-english",
        title="Few English texts, augmented",
        data=f"{ASKED} 100 sentences, others for each seed; tested on 600 more. 60 steps: 1.6 "
        "epochs with two copies of each row, 4.8 without.",
        make=english,
        recipe=recipe(),
        remedies={
            "eda": by("eda", 2),
            "aeda": by("aeda", 2),
            "typos": by("typos", 2),
            "synonyms: wordnet": by("synonyms", 2, file=f"{LEXICONS}/wordnet"),
            "synonyms: embeddings": by(
                "synonyms", 2, source="embeddings", model="examples/film-reviews/base"
            ),
            "contextual": by("contextual", 2, model=f"{PLACE}/english"),
            "nothing, and a third of the steps": fewer(20),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=SEEDS,
        apart=True,
        notes=(ALIKE, MASKED),
    ),
    Case(
        name="augment-chinese",
        title="Few Chinese texts, augmented",
        data=f"{WHAT} 60 texts, others for each seed; tested on {TESTED} more. 60 steps: 2.7 "
        "epochs with two copies of each row, 8 without.",
        make=chinese,
        recipe=dict(chinese_recipe()),
        remedies={
            "eda": by("eda", 2),
            "aeda": by("aeda", 2),
            "typos": by("typos", 2),
            "synonyms: file": by("synonyms", 2, source="file", file=f"{LEXICONS}/chinese.txt"),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=SEEDS,
        apart=True,
        notes=(
            ALIKE,
            "`contextual` is measured in English alone: it needs a masked model that is trained.",
        ),
    ),
    Case(
        name="augment-images",
        title="Few images, augmented",
        data="150 handwritten digits, others for each seed; tested on 897 more. A "
        "small ConvNeXt from scratch, 300 steps: 16 epochs with three copies of each image, 60 "
        "without.",
        make=images,
        recipe={
            "task": "image-classification",
            "model": SMALL_IMAGES,
            "data": {"image": "image", "label": "label"},
            "train": IMAGE_TRAIN,
        },
        remedies={
            "rotate": by("rotate", 3),
            "scale": by("scale", 3),
            "translate": by("translate", 3),
            "crop": by("crop", 3),
            "colour": by("colour", 3),
            "blur": by("blur", 3, most=0.1),
            "grain": by("grain", 3),
            "erase": by("erase", 3),
            "rand-augment": by("rand-augment", 3),
            "flip (wrong for digits)": by("flip", 3),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=6,
        apart=True,
        notes=(ALIKE,),
    ),
    Case(
        name="augment-table",
        title="Few rows of a table, augmented",
        data="18 wines, others for each seed; tested on 88 more. FT-Transformer, 150 steps.",
        make=table,
        recipe={
            "task": "table-classification",
            "model": SMALL_TABLE,
            "data": {"numeric": measurements(wine(), "target"), "label": "target"},
            "train": {name: v for name, v in TABLE_TRAIN.items() if name != "epochs"}
            | {"steps": 150},
        },
        remedies={
            "noise (0.1)": by("noise", 4, scale=0.1),
            "noise (0.5)": by("noise", 4, scale=0.5),
            "mixup": by("mixup", 4),
        },
        metric="accuracy",
        also=("log_loss",),
        seeds=5,
        apart=True,
        notes=(ALIKE,),
    ),
)
