"""How well `accord diagnose` finds planted problems, how often it cries wolf, how long it takes.

    python benchmarks/diagnose.py --alarms    # problems found in sound data
    python benchmarks/diagnose.py --detection # planted problems; --sets "film reviews" for some
    python benchmarks/diagnose.py --speed     # time and memory at 10k, 100k and 1M rows

The examples' data must be here: `python examples/fetch film-reviews`, `chinese-reviews`,
`breast-cancer`. Results go to `benchmarks/results/diagnose.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from accord.diagnosing import diagnose_recipe
from accord.recipe.load import recipe_from

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks/results/diagnose.json"
TEXT_ROWS = 2500
Rows = list[dict[str, Any]]
TABLE = {"config": {"model_type": "accord-ft-transformer"}}
NUMERIC = [f"x{i}" for i in range(10)]


def read(path: str) -> Rows:
    with (ROOT / "examples" / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def films() -> Rows:
    return [{"text": r["text"], "label": r["label"]} for r in read("film-reviews/data/reviews.csv")]


def chinese() -> Rows:
    return read("chinese-reviews/data/train.csv")


def tumours() -> Rows:
    rows = read("breast-cancer/data/tumours.csv")
    names = [n for n in rows[0] if n != "diagnosis"][:10]
    return [
        {**{f"x{i}": float(r[n]) for i, n in enumerate(names)}, "label": r["diagnosis"]}
        for r in rows
    ]


def digits() -> Rows:
    from sklearn.datasets import load_digits

    found = load_digits()
    columns = found.data[:, [10, 20, 21, 26, 28, 36, 42, 43, 53, 61]]
    return [
        {**{f"x{i}": float(v) for i, v in enumerate(row)}, "label": f"d{y}"}
        for row, y in zip(columns, found.target, strict=True)
    ]


def patients() -> Rows:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    return [
        {**{f"x{i}": float(v) for i, v in enumerate(row)}, "label": float(y)}
        for row, y in zip(found.data, found.target, strict=True)
    ]


SETS: dict[str, tuple[Callable[[], Rows], str]] = {
    "film reviews": (films, "text-classification"),
    "Chinese reviews": (chinese, "text-classification"),
    "breast cancer": (tumours, "table-classification"),
    "digits": (digits, "table-classification"),
    "diabetes": (patients, "table-regression"),
}


def drawn(name: str, seed: int) -> Rows:
    rows = SETS[name][0]()
    order = np.random.default_rng(seed).permutation(len(rows))
    # Half of a small set each time, so that seeds differ in more than order.
    size = min(TEXT_ROWS, len(rows) * 3 // 4)
    return [rows[i] for i in order[:size]]


def imbalance(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    first = sorted({r["label"] for r in rows})[0]
    rest = [r for r in rows if r["label"] != first]
    own = [r for r in rows if r["label"] == first]
    others = len(rest) / max(1, len({r["label"] for r in rest}))
    return rest + own[: max(8, round(others / strength))], []


def noise(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    names = sorted({r["label"] for r in rows})
    made = []
    for row in rows:
        if chance.random() < strength:
            row = row | {"label": str(chance.choice([n for n in names if n != row["label"]]))}
        made.append(row)
    return made, []


def outlying(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    return [
        row | {"x2": (row["x2"] + 1) * 100} if chance.random() < strength else row for row in rows
    ], []


def repeated(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    count = round(strength * len(rows) / (1 - strength))
    return rows + [rows[i] for i in chance.choice(len(rows), count)], []


def leaked(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    cut = len(rows) * 4 // 5
    train, test = rows[:cut], rows[cut:]
    return train + test[: round(strength * len(test))], test


def drifted(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    cut = len(rows) * 2 // 3
    train, test = rows[:cut], rows[cut:]
    if "text" in rows[0]:
        other = films() if "的" in "".join(r["text"] for r in rows[:50]) else None
        said = [r["text"] for r in (other or read("chinese-reviews/data/test.csv"))]
        mixed = [
            row | {"text": f"{row['text']} {said[i][:80]}"} if chance.random() < strength else row
            for i, row in enumerate(test)
        ]
        return train, mixed
    spread = {n: float(np.std([r[n] for r in rows])) for n in ("x1", "x4")}
    return train, [row | {n: row[n] + strength * s for n, s in spread.items()} for row in test]


def personal(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    said = (
        "mail an.li@example.org",
        "call +1 415 555 0134",
        "电话13812345678",
        "卡号4111111111111111",
    )
    return [
        row | {"text": f"{row['text']} {said[chance.integers(4)]}"}
        if chance.random() < strength else row for row in rows
    ], []  # fmt: skip


def holes(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    return [row | {"x3": ""} if chance.random() < strength else row for row in rows], []


def spelt(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    return [
        row | {"label": f"{row['label'].title()} "} if chance.random() < strength else row
        for row in rows
    ], []


def copied(rows: Rows, strength: float, chance: np.random.Generator) -> tuple[Rows, Rows]:
    """A copy of the label that is wrong now and then."""
    names = sorted({r["label"] for r in rows})
    return [
        row | {"x5": float(names.index(row["label"]) if chance.random() < strength
                           else chance.integers(len(names)))} for row in rows
    ], []  # fmt: skip


TEXTS, TABLES, CLASSES = (
    ("film reviews", "Chinese reviews"),
    ("breast cancer", "digits", "diabetes"),
    ("film reviews", "Chinese reviews", "breast cancer", "digits"),
)
PLANTS: dict[str, tuple[Callable[..., tuple[Rows, Rows]], tuple[str, ...], tuple[float, ...]]] = {
    "imbalance": (imbalance, CLASSES, (2, 3.5, 8, 20)),
    "label-noise": (noise, CLASSES, (0.05, 0.1, 0.2, 0.3)),
    "outliers": (outlying, TABLES, (0.005, 0.02, 0.05)),
    "duplicates": (repeated, CLASSES, (0.01, 0.03, 0.1)),
    "leakage": (leaked, CLASSES, (0.01, 0.05, 0.2)),
    "drift": (drifted, (*TEXTS, *TABLES), (0.1, 0.3, 0.6, 1.0)),
    "personal-data": (personal, TEXTS, (0.001, 0.01)),
    "missing": (holes, TABLES, (0.06, 0.3)),
    "labels": (spelt, TEXTS, (0.005, 0.05)),
    "giveaway": (copied, ("breast cancer",), (0.9, 0.98, 1.0)),
}


def diagnosed(rows: Rows, test: Rows, task: str, names: tuple[str, ...] = ()) -> Any:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, part in (("rows", rows), ("test", test)):
            if part:
                with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                    writer = csv.DictWriter(stream, list(part[0]))
                    writer.writeheader()
                    writer.writerows(part)
        data: dict[str, Any] = {"agreement": "own", "train": "rows.csv", "label": "label"}
        data |= {"test": "test.csv"} if test else {}
        text = task.startswith("text")
        data |= {"text": "text"} if text else {"numeric": NUMERIC}
        model = {"base": "m", "agreement": "own"} if text else TABLE
        # A recipe without a fault of its own: steps enough for the smallest of the tables.
        train = {"epochs": 5.0, "batch_size": 32 if text else 16}
        tree = {"task": task, "model": model, "data": data, "train": train}
        return diagnose_recipe(recipe_from(tree, folder), names)


def detection(seeds: int, chosen: list[str], problems: list[str]) -> list[dict[str, Any]]:
    """Each planted strength over seeds."""
    found: list[dict[str, Any]] = []
    for problem in problems:
        plant, sets, strengths = PLANTS[problem]
        for name in [one for one in sets if one in chosen]:
            for strength in strengths:
                hits, figures = 0, []
                for seed in range(seeds):
                    rows, test = plant(drawn(name, seed), strength, np.random.default_rng(seed))
                    one = diagnosed(rows, test, SETS[name][1], (problem,)).findings[0]
                    hits += one.status == "found"
                    figures.append(round(float(one.figures[0].value), 4) if one.figures else None)
                found.append({"problem": problem, "data": name, "strength": strength,
                              "found": hits, "of": seeds, "figures": figures})  # fmt: skip
                print(*found[-1].values(), flush=True)
    return found


def alarms(seeds: int, chosen: list[str]) -> list[dict[str, Any]]:
    """Problems found in sound data."""
    told: list[dict[str, Any]] = []
    for name in chosen:
        task = SETS[name][1]
        for seed in range(seeds):
            found = diagnosed(drawn(name, seed), [], task)
            wrong = [one.problem for one in found.found]
            looked = sum(one.status in ("fine", "found") for one in found.findings)
            told.append({"data": name, "seed": seed, "looked": looked, "found": wrong})
            print(*told[-1].values(), flush=True)
    return told


def speed(rows: int) -> None:
    """One diagnosis of many film reviews, in a process of its own."""
    said = films()
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["text", "label"])
            for i in range(rows):
                row = said[i % len(said)]
                # No row twice: words in another order, and a number.
                words = row["text"].split()
                chance.shuffle(words)
                writer.writerow([" ".join([*words, str(i)]), row["label"]])
        data = {"agreement": "own", "train": "rows.csv", "text": "text", "label": "label"}
        model = {"base": str(ROOT / "examples/film-reviews/base"), "agreement": "own"}
        tree = {"task": "text-classification", "model": model, "data": data}
        loaded = recipe_from(tree, folder)
        began = time.perf_counter()
        diagnose_recipe(loaded)
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    cpu = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    print(json.dumps({"rows": rows, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1),
                      "peak_bytes": peak}))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", nargs="*", choices=list(SETS), default=list(SETS))
    parser.add_argument("--problems", nargs="*", choices=list(PLANTS), default=list(PLANTS))
    for name in ("alarms", "detection", "speed"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rows", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.rows:
        speed(chosen.rows)
        return
    made: dict[str, Any] = {}
    if chosen.alarms:
        made["alarms"] = alarms(chosen.seeds, chosen.sets)
    if chosen.detection:
        made["detection"] = detection(chosen.seeds, chosen.sets, chosen.problems)
    if chosen.speed:
        made["speed"] = []
        for rows in chosen.sizes:
            command = [sys.executable, __file__, "--rows", str(rows)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(done.stdout.splitlines()[-1], flush=True)
            made["speed"].append(json.loads(done.stdout.splitlines()[-1]))
    told = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    for kind, names in (("alarms", ("data",)), ("detection", ("problem", "data"))):
        if kind in made:  # what was not measured this time stays as it was
            again = {tuple(one[n] for n in names) for one in made[kind]}
            before = [o for o in told.get(kind, ()) if tuple(o[n] for n in names) not in again]
            made[kind] = before + made[kind]
    RESULTS.write_text(json.dumps(told | made, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
