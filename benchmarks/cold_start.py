"""What a class with a few rows gains from a cold start, on real data.

Where does a sentence come from: film reviews, Amazon or the New York Times (200 training rows
each), or, the new class, Twitter (1, 5 or 20 rows)? MiniLM, 2 epochs; tested on 150 rows of each
class. Needs `python examples/fetch film-reviews`.

    python benchmarks/cold_start.py --seeds 5
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import accord

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples" / "fetch"))
BASE = ROOT / "examples/film-reviews/base"
SHOTS, OLD_ROWS, TEST_ROWS, NEW = (1, 5, 20), 200, 150, "twitter"
FILES = {
    "film": "movieReviewSnippets",
    "amazon": "amazonReviewSnippets",
    "times": "nytEditorialSnippets",
    NEW: "tweets",
}
TEXTS = {
    "film": "A sentence of a film review: actors, director, plot and scenes of a movie.",
    "amazon": "A sentence of a customer's review of a product bought online: battery, price.",
    "times": "A sentence of a newspaper editorial on politics, government, law and the economy.",
    NEW: "A short personal tweet with slang, emoticons and hashtags about my day, lol :)",
}
COLD = {"balance": {"cold_start": {"new": [NEW], "boost": 20, "scale": 100}}}
DESCRIBED = {"kind": "descriptions", "texts": TEXTS}
WAYS: Mapping[str, Mapping[str, Any]] = {
    "plain fine-tuning": {},
    "cold_start (boost 20)": COLD,
    "head: prototypes": {"head": "prototypes"},
    "head: descriptions": {"head": DESCRIBED},
    "head: prototypes, cold_start": {"head": "prototypes", **COLD},
    "head: descriptions, cold_start": {"head": DESCRIBED, **COLD},
}
SHOWN = ("recall of the new class", "f1 of the new class", "f1_macro")
Rows = list[dict[str, str]]


@cache
def sentences(name: str) -> tuple[str, ...]:
    """All sentences of one source."""
    from film_reviews import CORPUS  # type: ignore[import-not-found]
    from package import fetch, tar_member  # type: ignore[import-not-found]

    inside = "vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz"
    path = f"hutto_ICWSM_2014/{FILES[name]}_GroundTruth.txt"
    table = tar_member(io.BytesIO(tar_member(fetch(CORPUS), inside)), path)
    return tuple(line.split("\t")[2] for line in table.decode("utf-8").splitlines())


def drawn(shots: int, seed: int) -> tuple[Rows, Rows]:
    """Training and test rows."""
    train: Rows = []
    test: Rows = []
    for name in FILES:
        own = list(sentences(name))
        random.Random(f"{seed} {name}").shuffle(own)
        rows = [{"text": text, "label": name} for text in own]
        test += rows[:TEST_ROWS]
        train += rows[TEST_ROWS : TEST_ROWS + (shots if name == NEW else OLD_ROWS)]
    return train, test


def measured(folder: Path, way: Mapping[str, Any], shots: int, seed: int) -> dict[str, float]:
    """Test metrics of one run; nothing is chosen by validation."""
    folder.mkdir()
    named = zip(("train", "test"), drawn(shots, seed), strict=True)
    recipe = {
        "task": "text-classification",
        "model": {"base": str(BASE), "agreement": "own", "head": way.get("head")},
        "data": {
            "agreement": "own",
            **{name: write(folder / f"{name}.csv", rows) for name, rows in named},
            "validation": 0,
            "text": "text",
            "label": "label",
            "max_tokens": 48,
        },
        "balance": way.get("balance", {}),
        "train": {"epochs": 2, "batch_size": 16, "learning_rate": 5e-5, "seed": seed},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }
    run = accord.train(recipe, output=folder / "run")
    (file,) = run.path.glob("artifacts/evaluation-*/metrics.json")
    found = json.loads(file.read_text("utf-8"))["test"]
    shutil.rmtree(folder)
    own = found["per_class"][NEW]
    return dict(zip(SHOWN, (own["recall"], own["f1"], found["metrics"]["f1_macro"]), strict=True))


def write(path: Path, rows: Rows) -> str:
    """A table."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def main() -> None:
    """Print a table for each number of rows: mean and standard error over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--shots", type=int, nargs="*", default=SHOTS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for shots in asked.shots:
            print(f"\n| {shots} rows | {' | '.join(SHOWN)} |\n|{'---|' * (len(SHOWN) + 1)}")
            for number, (name, way) in enumerate(WAYS.items()):
                found = [
                    measured(Path(scratch) / f"{shots}-{number}-{seed}", way, shots, seed)
                    for seed in range(asked.seeds)
                ]
                cells = (_cell([one[metric] for one in found]) for metric in SHOWN)
                print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _cell(values: list[float]) -> str:
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {error:.3f}"


if __name__ == "__main__":
    main()
