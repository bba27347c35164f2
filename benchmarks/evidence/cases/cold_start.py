"""New classes and sources with few rows; a small model and a large teacher; tasks side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import SOURCES, sentences
from benchmarks.evidence.rows import Rows, write
from benchmarks.evidence.small import TEACHER, small, small_encoder, teacher

NEW, OLD_ROWS, TEST_ROWS, SEEDS = "twitter", 60, 80, 5
TEXTS = {
    "film": "A sentence of a film review: actors, director, plot and scenes of a movie.",
    "amazon": "A sentence of a customer's review of a product bought online: battery, price.",
    "times": "A sentence of a newspaper editorial on politics, government, law and the economy.",
    NEW: "A short personal tweet with slang, emoticons and hashtags about my day, lol :)",
}
TRAIN = {
    "epochs": 3, "batch_size": 8, "learning_rate": 5e-4, "warmup": 0.1, "precision": "fp32",
}  # fmt: skip


def shots(number: int) -> Callable[[Path, int], None]:
    """So many tweets among 180 other sentences; no seed shares a row, all share the test rows."""

    def make(folder: Path, seed: int) -> None:
        small_encoder()
        train: Rows = []
        test: Rows = []
        for source in SOURCES:
            own = [{n: row[n] for n in ("text", "label")} for row in sentences(source)]
            size = number if source == NEW else OLD_ROWS
            first = TEST_ROWS + seed * OLD_ROWS
            test += own[:TEST_ROWS]
            train += own[first : first + size]
        write(folder, train, test)

    return make


def opinions(source: str) -> Rows:
    """Sentences with a clear opinion: `label` by the sign of their valence."""
    return [
        {**row, "label": "positive" if row["valence"] > 0 else "negative"}
        for row in sentences(source)
        if abs(row["valence"]) > 0.5
    ]


def students(folder: Path, seed: int) -> None:
    """300 film sentences a seed; the teacher has learned from 1,000 others."""
    small_encoder()
    rows = [{name: row[name] for name in ("text", "label")} for row in opinions("film")]
    teacher(rows[3000:4000])
    write(folder, rows[500 + 300 * seed : 800 + 300 * seed], rows[:500])


def beside(folder: Path, seed: int) -> None:
    """150 film sentences a seed, with the number that their class is the sign of."""
    small_encoder()
    rows = [{name: row[name] for name in ("text", "label", "valence")} for row in opinions("film")]
    write(folder, rows[500 + 150 * seed : 650 + 150 * seed], rows[:500])


def related(folder: Path, seed: int) -> None:
    """100 film sentences a seed; beside all seeds 1,500 of Amazon with their ratings."""
    small_encoder()
    film = [{name: row[name] for name in ("text", "label")} for row in opinions("film")]
    write(folder, film[1000 + 100 * seed : 1100 + 100 * seed], film[:1000])
    shop = [{name: row[name] for name in ("text", "valence")} for row in sentences("amazon")]
    write(folder.parent, shop[:1500], shop[:1])
    (folder.parent / "train.csv").replace(folder.parent / "amazon.csv")


def ratings(weight: float, share: float) -> Mapping[str, Any]:
    """Amazon's ratings as a side task."""
    data = {"train": "amazon.csv", "agreement": "own", "share": share}
    task = {"label": "valence", "kind": "number", "weight": weight, "data": data}
    return {"train": {"tasks": [task]}}


def newcomers(folder: Path, seed: int) -> None:
    """Opinions in 240 film sentences of spring and 12 tweets of summer; tested on both."""
    small_encoder()
    train: Rows = []
    test: Rows = []
    months = {"film": 4, NEW: 7}
    for source, size in (("film", 240), (NEW, 12)):
        own = [
            {
                "text": row["text"], "label": row["label"], "source": source,
                "day": f"2026-0{months[source]}-{1 + number % 28:02}",
            }
            for number, row in enumerate(opinions(source))
        ]  # fmt: skip
        first = 300 + size * seed
        test += own[:300]
        train += own[first : first + size]
    write(folder, train, test)


def recipe(label: str = "label", **model: Any) -> Mapping[str, Any]:
    return {
        "task": "text-classification",
        "model": small(**model),
        "data": {"text": "text", "label": label, "max_tokens": 24},
        "train": TRAIN,
    }


COLD = {"cold_start": {"new": [NEW], "boost": 20, "scale": 1000}}
NEW_ONLY = {"cold_start": {"rows": 20, "boost": 1}}
OVER = {"sampler": "over"}
COPIES = {"rows": [{"by": "eda", "rate": 8, "classes": "new"}]}
PROTOTYPES = {"model": {"head": "prototypes"}}
DESCRIPTIONS = {"model": {"head": {"kind": "descriptions", "texts": TEXTS}}}
ADJUSTED = {"loss": "logit-adjustment"}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "cold_start (boost 20)": {"balance": COLD},
    "sampler: over": {"balance": OVER},
    "prototypes, sampler": {**PROTOTYPES, "balance": OVER},
    "prototypes, logit-adjustment": {**PROTOTYPES, "balance": ADJUSTED},
    "descriptions, sampler": {**DESCRIPTIONS, "balance": OVER},
    "augment new (eda, 8)": {"balance": NEW_ONLY, "augment": COPIES},
    "head: prototypes": PROTOTYPES,
    "prototypes, cold_start, augment new": {
        **PROTOTYPES, "balance": COLD, "augment": COPIES,
    },
    "head: descriptions": DESCRIPTIONS,
}  # fmt: skip
FEW = (
    "cold_start (boost 20)", "sampler: over", "prototypes, sampler", "prototypes, logit-adjustment",
    "descriptions, sampler",
)  # fmt: skip
PEER = (
    "A peer on the same rows that trains no encoder, logistic regression on mean embeddings: "
    "`python benchmarks/frozen_embeddings.py`."
)


def few_shot(number: int, ways: Mapping[str, Mapping[str, Any]]) -> Case:
    rows = f"{number} row" + ("s" if number > 1 else "")
    return Case(
        name=f"cold-start-{number}",
        title=f"A new class with {rows}",
        data="Where does a sentence come from: film reviews, Amazon or the New York Times (60 rows "
        f"each), or Twitter ({rows})? Training rows are drawn anew for each seed; tested on "
        f"{4 * TEST_ROWS} others, as many of each class. MiniLM's first two layers, 3 epochs.",
        make=shots(number),
        recipe=recipe(),
        remedies=ways,
        metric=f"f1 [class={NEW}]",
        also=(f"recall [class={NEW}]", "f1_macro"),
        seeds=SEEDS,
        disjoint=True,
        notes=(PEER,),
    )


def outlets(folder: Path, seed: int) -> None:
    """Opinions from four places, of which one fills most of the rows; tested on all alike."""
    small_encoder()
    train: Rows = []
    test: Rows = []
    for source, size in (("film", 320), ("amazon", 40), ("times", 40), (NEW, 40)):
        own = [
            {"text": row["text"], "label": row["label"], "source": source}
            for row in opinions(source)
        ]
        first = 300 + size * seed
        test += own[:300]
        train += own[first : first + size]
    write(folder, train, test)


CASES = (
    few_shot(1, {name: WAYS[name] for name in FEW}),
    few_shot(5, WAYS),
    few_shot(20, {name: WAYS[name] for name in FEW}),
    Case(
        name="distil-english",
        title="A small model learns from a larger one",
        data="300 sentences of film reviews with an opinion, drawn anew for each seed; tested on "
        "500 others. The model is MiniLM's first two layers; the teacher is MiniLM, trained on "
        "1,000 sentences that are in neither.",
        make=students,
        recipe=recipe(),
        remedies={
            f"distill (weight {weight})": {
                "train": {"distill": {"teacher": TEACHER, "agreement": "own", "weight": weight}}
            }
            for weight in (0.5,)
        },
        metric="accuracy",
        also=("roc_auc", "log_loss"),
        seeds=SEEDS,
        disjoint=True,
    ),
    Case(
        name="side-task",
        title="A number beside the class",
        data="150 sentences of film reviews, positive or negative, drawn anew for each seed; "
        "tested on 500 others. Beside the class stands the mean rating of twenty people.",
        make=beside,
        recipe=recipe(),
        remedies={
            f"tasks: valence ({weight})": {
                "train": {"tasks": [{"label": "valence", "kind": "number", "weight": weight}]}
            }
            for weight in (0.3, 1)
        },
        metric="accuracy",
        also=("roc_auc", "log_loss"),
        seeds=SEEDS,
        disjoint=True,
    ),
    Case(
        name="side-task-own-rows",
        title="Another data set with another question",
        data="100 sentences of film reviews, for or against, drawn anew for each seed; tested "
        "on 1,000 others. Beside them are learned 1,500 sentences from Amazon with the mean rating "
        "of twenty people.",
        make=related,
        recipe={**recipe(), "train": {**TRAIN, "epochs": 10}},
        remedies={
            "tasks: ratings of Amazon (weight 0.5)": ratings(0.5, 1),
            "tasks: ratings of Amazon (weight 2, 2 rows to one)": ratings(2, 2),
        },
        metric="accuracy",
        also=("roc_auc", "log_loss"),
        seeds=SEEDS,
        disjoint=True,
    ),
    Case(
        name="cold-source",
        title="A new source, found by its first day",
        data="Opinions in 240 sentences of film reviews of spring and 12 tweets of summer; tested "
        "on 300 others of each. What is new is found by date; the verdict is about the tweets.",
        make=newcomers,
        recipe={**recipe(), "evaluate": {"slices": ["source"]}},
        remedies={
            "cold_start by date": {
                "balance": {
                    "cold_start": {
                        "source": "source", "by": "day", "since": "2026-07-01", "boost": 8,
                        "scale": 1000,
                    }
                }
            },
            "sampler: sources alike": {
                "balance": {
                    "sampler": {"kind": "temperature", "by": "source", "temperature": 1000}
                }
            },
        },
        metric="accuracy [source=twitter]",
        also=("accuracy", "accuracy [source=film]"),
        seeds=SEEDS,
        disjoint=True,
    ),
    Case(
        name="mixed-sources",
        title="Four sources, of which one fills most of the rows",
        data="Opinions in 320 sentences of film reviews and 40 each of Amazon, the New York Times "
        "and Twitter, drawn anew for each seed; tested on 300 others of each. The verdict is about "
        "the tweets.",
        make=outlets,
        recipe={**recipe(), "evaluate": {"slices": ["source"]}},
        remedies={
            f"sampler: temperature by source ({temperature})": {
                "balance": {
                    "sampler": {"kind": "temperature", "by": "source", "temperature": temperature}
                }
            }
            for temperature in (2, 5, 1000)
        },
        metric="accuracy [source=twitter]",
        also=("accuracy", *(f"accuracy [source={one}]" for one in ("film", "amazon", "times"))),
        seeds=SEEDS,
        disjoint=True,
    ),
)  # fmt: skip
