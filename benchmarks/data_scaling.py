"""Data preparation from 10 k to 1 M rows: time should grow linearly, memory stay flat.

Rows are real film-review sentences, varied by two words so that they are no duplicates. Each size
runs in a process of its own: read, clean, split, leakage (exact and MinHash), tokenise, write.
Needs the film reviews: `python examples/fetch film-reviews`.

    python benchmarks/data_scaling.py --sizes 10000 100000 1000000
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/film-reviews"


def write_rows(path: Path, count: int) -> None:
    """A CSV of `count` varied sentences."""
    with (EXAMPLE / "data/reviews.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
    words = sorted({word for text, _ in rows for word in text.split()})
    draw = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "label"))
        for i in range(count):
            text, label = rows[i % len(rows)]
            some = text.split()
            draw.shuffle(some)
            writer.writerow((" ".join([*some, *draw.choices(words, k=8)]), label))


def prepare_one(path: Path, folder: Path) -> dict[str, float]:
    """Prepare a file; seconds and peak resident memory of this process."""
    from accord.agreement.stage import grant
    from accord.artifact import Store
    from accord.data.stage import prepare
    from accord.events import Log
    from accord.recipe.context import Context
    from accord.recipe.load import load_recipe

    loaded = load_recipe(EXAMPLE / "recipe.yaml", (f"data.train={path}", "data.agreement=own"))
    store = Store(folder / "artifacts")

    def context(identity: str) -> Context:
        return Context(folder, loaded.base, store, identity, Log(None), lambda: False)

    permit = grant(loaded.recipe, {}, context("permit"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    prepare(loaded.recipe, {"permit": permit}, context("dataset"))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak_mib": peak, "start_mib": before}


def main() -> None:
    """Run all sizes, print a table, write results/data_scaling.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--one", type=Path)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(prepare_one(asked.one, asked.folder)))
        return
    results: dict[int, dict[str, float]] = {}
    for size in asked.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_rows(folder / "rows.csv", size)
            command = [sys.executable, __file__, "--one", str(folder / "rows.csv")]
            command += ["--folder", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found = json.loads(done.stdout.splitlines()[-1])
        results[size] = found
        each = found["seconds"] / size * 1e6
        print(
            f"{size:>9,} rows  {found['seconds']:7.1f} s  {each:6.1f} us a row  "
            f"peak {found['peak_mib']:.0f} MiB",
            flush=True,
        )
    target = ROOT / "benchmarks/results/data_scaling.json"
    target.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
