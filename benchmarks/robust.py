"""What robust optimisation does, on real data.

`outliers`: scikit-learn's diabetes table, halved anew for each seed; 10 of 100 training targets
moved up by 10 standard deviations. `labels`: the breast-cancer table, 30 of 100 training labels
flipped.
`groups`: sentences from Amazon and the New York Times, for or against, where 95 of 100 from Amazon
are for and 95 of 100 from the Times against; tested on the four groups alike. What is tested on is
never touched. Needs `python examples/fetch breast-cancer film-reviews`.

    python benchmarks/robust.py --seeds 5
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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import accord

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "examples" / "fetch"))
TABLE = ROOT / "examples/breast-cancer/data/tumours.csv"
BASE = ROOT / "examples/film-reviews/base"
Rows = list[dict[str, Any]]
MORE: Mapping[str, Any] = {
    "evaluate": {"resamples": 0, "baseline": False},
    "machine": {"threads": 1},
}
SMALL = {"hidden_size": 64, "num_hidden_layers": 2}
TABLES: Mapping[str, Any] = {
    "epochs": 20, "batch_size": 16, "learning_rate": 1e-3, "weight_decay": 0.05,
    "precision": "fp32",
}  # fmt: skip
OUTLIERS: Mapping[str, Mapping[str, Any]] = {
    "squared error": {},
    "loss: huber (0.1)": {"loss": {"kind": "huber", "delta": 0.1}},
    "loss: huber (0.5)": {"loss": "huber"},
    "loss: log-cosh (0.1)": {"loss": {"kind": "log-cosh", "scale": 0.1}},
    "loss: quantile (0.5)": {"loss": "quantile"},
    "robust: trimmed (0.1)": {"robust": "trimmed"},
    "clip_each: 1": {"clip_each": 1.0},
}
LABELS: Mapping[str, Mapping[str, Any]] = {
    "cross-entropy": {},
    "balance.loss: generalised": {"balance": {"loss": "generalised"}},
    "balance.loss: symmetric": {"balance": {"loss": "symmetric"}},
    "robust: trimmed (0.3)": {"robust": {"kind": "trimmed", "share": 0.3}},
    "robust: trimmed (0.3), ramp 50": {"robust": {"kind": "trimmed", "share": 0.3, "ramp": 50}},
    "clip_each: 0.1": {"clip_each": 0.1},
}
DRO = {"kind": "group-dro", "groups": "group"}
GROUPS: Mapping[str, Mapping[str, Any]] = {
    "cross-entropy": {},
    "robust: group-dro (step 0)": {"robust": DRO | {"step": 0}},
    "robust: group-dro (step 0.1)": {"robust": DRO | {"step": 0.1}},
    "robust: group-dro (step 0.1, adjustment 2)": {"robust": DRO | {"step": 0.1, "adjustment": 2}},
}


def halves(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Training and test half."""
    chance = random.Random(seed)
    chance.shuffle(rows)
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def diabetes(seed: int) -> tuple[Rows, Rows]:
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    names, data = found["feature_names"], zip(found["data"], found["target"], strict=True)
    rows = [{**dict(zip(names, x.tolist(), strict=True)), "target": float(y)} for x, y in data]
    train, test = halves(rows, seed)
    chance, far = random.Random(1000 + seed), 10 * statistics.stdev(r["target"] for r in train)
    moved = [r | {"target": r["target"] + far * (chance.random() < 0.1)} for r in train]
    return moved, test


def tumours(seed: int) -> tuple[Rows, Rows]:
    with TABLE.open(encoding="utf-8", newline="") as stream:
        train, test = halves(list(csv.DictReader(stream)), seed)
    chance = random.Random(1000 + seed)
    other = {"benign": "malignant", "malignant": "benign"}
    return [
        r | {"diagnosis": other[r["diagnosis"]]} if chance.random() < 0.3 else r for r in train
    ], test


def sentences(seed: int) -> tuple[Rows, Rows]:
    from film_reviews import CORPUS  # type: ignore[import-not-found]
    from package import fetch, tar_member  # type: ignore[import-not-found]

    inside = "vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz"
    train: Rows = []
    test: Rows = []
    for name, source in (("amazonReviewSnippets", "amazon"), ("nytEditorialSnippets", "times")):
        path = f"hutto_ICWSM_2014/{name}_GroundTruth.txt"
        table = tar_member(io.BytesIO(tar_member(fetch(CORPUS), inside)), path)
        lines = [line.split("\t") for line in table.decode("utf-8").splitlines()]
        random.Random(seed).shuffle(lines)
        for label in ("for", "against"):
            sign = 1 if label == "for" else -1
            own = [
                {"text": text, "label": label, "group": f"{source}, {label}"}
                for _, valence, text in lines
                if sign * float(valence) > 0.5
            ]
            often = (source == "amazon") == (label == "for")
            test += own[:200]
            train += own[200 : 200 + (760 if often else 40)]
    return train, test


def measured(folder: Path, task: Mapping[str, Any], rows: tuple[Rows, Rows], seed: int) -> Any:
    """Test metrics of one run; nothing is chosen by validation."""
    folder.mkdir()
    recipe: dict[str, Any] = {name: dict(value) for name, value in (MORE | task["more"]).items()}
    files = {n: write(folder / f"{n}.csv", r) for n, r in zip(("train", "test"), rows, strict=True)}
    recipe["task"] = task["task"]
    columns = task["data"](rows[0][0])
    recipe["data"] = {"agreement": "own", **files, "validation": 0, **columns}
    recipe["train"]["seed"] = seed
    run = accord.train(recipe, output=folder / "run")
    (file,) = run.path.glob("artifacts/evaluation-*/metrics.json")
    found = json.loads(file.read_text("utf-8"))["test"]
    shutil.rmtree(run.path)
    return found["metrics"] | {"slices": found["slices"]}


def write(path: Path, rows: Rows) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def table_data(label: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {"numeric": [name for name in row if name != label], "label": label}


def worst(metrics: Any) -> dict[str, float]:
    by_group = metrics["slices"]["group"]
    found = [group["metrics"]["accuracy"] for group in by_group.values()]
    return {"mean of groups": statistics.mean(found), "worst group": min(found)}


TASKS: Mapping[str, Mapping[str, Any]] = {
    "outliers": {
        "task": "table-regression",
        "rows": diabetes,
        "data": table_data("target"),
        "more": {"model": {"config": SMALL}, "train": TABLES},
        "several": OUTLIERS,
        "shown": lambda m: {name: m[name] for name in ("mae", "rmse", "r2")},
    },
    "labels": {
        "task": "table-classification",
        "rows": tumours,
        "data": table_data("diagnosis"),
        "more": {"model": {"config": SMALL}, "train": TABLES},
        "several": LABELS,
        "shown": lambda m: {name: m[name] for name in ("balanced_accuracy", "roc_auc")},
    },
    "groups": {
        "task": "text-classification",
        "rows": sentences,
        "data": lambda row: {"text": "text", "label": "label", "max_tokens": 48},
        "more": {
            "model": {"base": str(BASE), "agreement": "own"},
            "train": {
                "epochs": 3, "batch_size": 32, "learning_rate": 1e-4, "warmup": 0.1,
            },
            "evaluate": {"resamples": 0, "baseline": False, "slices": ["group"]},
        },
        "several": GROUPS,
        "shown": worst,
    },
}  # fmt: skip


def main() -> None:
    """Print a table for each condition: mean and standard error over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=list(TASKS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for title, task in TASKS.items():
            if asked.only not in (None, title):
                continue
            head = True
            for number, (name, fields) in enumerate(task["several"].items()):
                found: list[dict[str, float]] = []
                for seed in range(asked.seeds):
                    more = {k: dict(v) for k, v in task["more"].items()}
                    for field, value in fields.items():
                        more |= {field: value} if field == "balance" else {}
                        more["train"] |= {field: value} if field != "balance" else {}
                    folder = Path(scratch) / f"{title}-{number}-{seed}"
                    metrics = measured(folder, {**task, "more": more}, task["rows"](seed), seed)
                    found.append(task["shown"](metrics))
                if head:
                    print(
                        f"\n| {title} | {' | '.join(found[0])} |\n|{'---|' * (len(found[0]) + 1)}"
                    )
                    head = False
                cells = (_cell([one[metric] for one in found]) for metric in found[0])
                print(f"| {name} | {' | '.join(cells)} |", flush=True)


def _cell(values: list[float]) -> str:
    error = statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.3f} ± {error:.3f}"


if __name__ == "__main__":
    main()
