"""Data preparation from 10 k to 1 M rows: time should grow linearly, memory stay flat.

Rows are real film-review sentences, varied by two words so that they are no duplicates, or rows of
a table. Each size runs in a process of its own: read, clean, split, leakage (exact and MinHash),
tokenise, write; with `--care` also the steps named. Needs the film reviews:
`python examples/fetch film-reviews`.

    python benchmarks/data_scaling.py --sizes 10000 100000 1000000
    python benchmarks/data_scaling.py --sizes 100000 --care protect --engines here processes ray
    python benchmarks/data_scaling.py --sizes 100000 1000000 --care filter duplicates eda outliers
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
from typing import Any

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/film-reviews"
TABLE = {
    "task": "table-classification",
    "model": {"config": {"model_type": "mlp"}},
    "data": {"numeric": ["x", "y", "z"], "categorical": ["place"], "label": "label"},
    "train": {"steps": 1},
}
CARE: dict[str, dict[str, Any]] = {
    "none": {},
    "protect": {"protect": {"entities": "all"}},
    "text": {"clean": {"text": {}}},
    "filter": {"clean": {"filter": {"least": 20}}},
    "duplicates": {"clean": {"duplicates": {}}},
    "eda": {"augment": {"rows": [{"by": "eda", "rate": 0.2}]}},
    "table": {},
    "outliers": {"clean": {"outliers": [{"by": "mad", "columns": ["x", "y"]}]}},
    "smote": {"balance": {"resample": "smote"}},
    "noise": {"augment": {"rows": [{"by": "noise", "rate": 0.2}]}},
}
TABLES = ("table", "outliers", "smote", "noise")


def write_rows(path: Path, count: int, table: bool) -> None:
    """A CSV of `count` varied sentences, or rows of a table."""
    draw = random.Random(0)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        if table:
            writer.writerow(("x", "y", "z", "place", "label"))
            for _ in range(count):
                x, y, z = (draw.gauss(0, 1) for _ in range(3))
                label = "rare" if draw.random() < 0.1 else "often"
                writer.writerow((f"{x:.6g}", f"{y:.6g}", f"{z:.6g}", draw.choice("abcd"), label))
            return
        with (EXAMPLE / "data/reviews.csv").open(encoding="utf-8", newline="") as source:
            rows = [(row["text"], row["label"]) for row in csv.DictReader(source)]
        words = sorted({word for text, _ in rows for word in text.split()})
        writer.writerow(("text", "label"))
        for i in range(count):
            text, label = rows[i % len(rows)]
            some = text.split()
            draw.shuffle(some)
            mail = f" jo.{i}@example.org" if i % 20 == 0 else ""
            writer.writerow((" ".join([*some, *draw.choices(words, k=8)]) + mail, label))


def prepare_one(path: Path, folder: Path, care: str, engine: str) -> dict[str, float]:
    """Prepare a file; seconds, CPU seconds and peak resident memory of this process."""
    from accord.agreement.stage import grant
    from accord.artifact import Store
    from accord.data.stage import prepare
    from accord.events import Log
    from accord.recipe.context import Context
    from accord.recipe.load import load_recipe, recipe_from

    loaded = load_recipe(EXAMPLE / "recipe.yaml")
    content = TABLE if care in TABLES else loaded.recipe.model_dump(exclude_unset=True)
    data = content["data"] | {"train": str(path), "agreement": "own", "engine": engine}
    recipe = recipe_from(content | CARE[care] | {"data": data}).recipe
    store = Store(folder / "artifacts")

    def context(identity: str) -> Context:
        return Context(folder, loaded.base, store, identity, Log(None), lambda: False)

    permit = grant(recipe, {}, context("permit"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, busy = time.perf_counter(), time.process_time()
    made = prepare(recipe, {"permit": permit}, context("dataset"))
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    digest = int(made.manifest.digest[:8], 16)
    told = {"seconds": seconds, "cpu_seconds_here": busy, "peak_mib": peak, "start_mib": before}
    return told | {"digest": digest}


def main() -> None:
    """Run all sizes, print a table, write results/data_scaling.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--care", nargs="+", choices=CARE, default=["none"])
    parser.add_argument("--engines", nargs="+", default=["here"])
    parser.add_argument("--one", type=Path)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(prepare_one(asked.one, asked.folder, asked.care[0], asked.engines[0])))
        return
    target = ROOT / "benchmarks/results/data_scaling.json"
    results: dict[str, dict[str, float]] = json.loads(target.read_text("utf-8"))
    for size in asked.sizes:
        for care in asked.care:
            for engine in asked.engines:
                found = apart(size, care, engine)
                plain = (care, engine) == ("none", "here")
                results[str(size) if plain else f"{size} {care} {engine}"] = found
                told = f"{size:>9,} rows  {care:<10} {engine:<9} {found['seconds']:7.1f} s"
                each = found["seconds"] / size * 1e6
                own = f"CPU here {found['cpu_seconds_here']:.1f} s"
                peak = f"peak {found['peak_mib']:.0f} MiB"
                print(f"{told}  {each:6.1f} us a row, {own}, {peak}", flush=True)
                target.write_text(json.dumps(results, indent=1) + "\n")


def apart(size: int, care: str, engine: str) -> dict[str, float]:
    """One preparation in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder / "rows.csv", size, care in TABLES)
        command = [sys.executable, __file__, "--one", str(folder / "rows.csv")]
        command += ["--folder", str(folder), "--care", care, "--engines", engine]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
