"""Real rows that cases draw on, and how they are written. Fetched by `python examples/fetch`."""

from __future__ import annotations

import csv
import io
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SMALL_TABLE = {
    "config": {"model_type": "accord-ft-transformer", "hidden_size": 64, "num_hidden_layers": 2}
}
TINY_TABLE = {
    "config": {"model_type": "accord-ft-transformer", "hidden_size": 32, "num_hidden_layers": 1}
}
TINY_TRAIN = {
    "epochs": 10, "batch_size": 16, "learning_rate": 2e-3, "weight_decay": 0.05,
    "precision": "fp32",
}  # fmt: skip
TABLE_TRAIN = {
    "epochs": 20, "batch_size": 16, "learning_rate": 1e-3, "weight_decay": 0.05,
    "precision": "fp32",
}  # fmt: skip
Row = dict[str, Any]
Rows = list[Row]


def halves(rows: Rows, seed: int, share: float = 0.5) -> tuple[Rows, Rows]:
    """Training and test part, divided by chance."""
    order = list(rows)
    random.Random(seed).shuffle(order)
    cut = round(len(order) * share)
    return order[:cut], order[cut:]


def apart(rows: Rows, seed: int, learned: int, tested: int) -> tuple[Rows, Rows]:
    """So many rows that no other seed learns from, and those that all are judged on."""
    order = list(rows)
    random.Random(-1).shuffle(order)
    first, last = tested + seed * learned, tested + (seed + 1) * learned
    if last > len(order):
        raise SystemExit(f"{len(order)} rows are too few for seed {seed} of {learned} rows each")
    return order[first:last], order[:tested]


def own_part(rows: Rows, seed: int, parts: int = 5) -> Rows:
    """Rows that no other seed below `parts` has."""
    order = list(rows)
    random.Random(-1).shuffle(order)
    return order[seed::parts]


def limited(rows: Rows, column: str, most: Mapping[str, int]) -> Rows:
    """The first so many rows of each class; all rows of a class that is not named."""
    seen: dict[str, int] = {}
    kept: Rows = []
    for row in rows:
        seen[row[column]] = seen.get(row[column], 0) + 1
        if seen[row[column]] <= most.get(row[column], len(rows)):
            kept.append(row)
    return kept


def write(folder: Path, train: Rows, test: Rows) -> None:
    """`train.csv` and `test.csv`."""
    for name, rows in (("train", train), ("test", test)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def film_reviews() -> Rows:
    """English: `text`, and `label` positive or negative. 10,605 sentences."""
    return _csv("examples/film-reviews/data/reviews.csv")


def chinese_reviews() -> Rows:
    """Chinese: `text`, and `label` positive or negative."""
    folder = "examples/chinese-reviews/data"
    return _csv(f"{folder}/train.csv") + _csv(f"{folder}/test.csv")


def chinese_verse(form: str) -> Rows:
    """Chinese: `text` of the lyrics (`ci`, 20,606) or songs (`qu`, 10,399)."""
    return _csv(f"examples/chinese-poetry/data/{form}.csv")


def tumours() -> Rows:
    """Thirty measurements, and `diagnosis` benign or malignant. 569 rows."""
    return _csv("examples/breast-cancer/data/tumours.csv")


def measurements(rows: Rows, label: str) -> list[str]:
    """Names of the columns but the label."""
    return [name for name in rows[0] if name != label]


def diabetes() -> Rows:
    """Ten measurements, and `target`, a number. 442 rows."""
    from sklearn.datasets import load_diabetes

    return _bunch(load_diabetes(scaled=False), "target", float)


def wine() -> Rows:
    """Thirteen measurements, and `target`, one of three cultivars. 178 rows."""
    from sklearn.datasets import load_wine

    return _bunch(load_wine(), "target", lambda y: f"cultivar {int(y) + 1}")


def digits() -> Rows:
    """Sixty-four grey values `p0` to `p63`, and `target`, a digit. 1,797 rows."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return [
        {**{f"p{i}": float(v) for i, v in enumerate(x)}, "target": str(int(y))}
        for x, y in zip(found["data"], found["target"], strict=True)
    ]


def rated(*names: str) -> Rows:
    """Sentences of the collections of Hutto and Gilbert (2014): `text`, `source`, `valence`.

    Args:
        names: Of `movieReviewSnippets`, `amazonReviewSnippets`, `nytEditorialSnippets`, `tweets`.
    """
    sys.path.insert(0, str(ROOT / "examples" / "fetch"))
    from film_reviews import CORPUS  # type: ignore[import-not-found]
    from package import fetch, tar_member  # type: ignore[import-not-found]

    inside = "vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz"
    archive = tar_member(fetch(CORPUS), inside)
    rows: Rows = []
    for name in names:
        path = f"hutto_ICWSM_2014/{name}_GroundTruth.txt"
        table = tar_member(io.BytesIO(archive), path).decode("utf-8")
        for line in table.splitlines():
            _, valence, text = line.split("\t")
            rows.append({"text": text, "source": name, "valence": float(valence)})
    return rows


def write_images(folder: Path, train: Rows, test: Rows) -> None:
    """Digits as PNG files: folders `train` and `test` with a folder a class."""
    import numpy as np
    from PIL import Image

    for name, rows in (("train", train), ("test", test)):
        for number, row in enumerate(rows):
            place = folder / name / row["target"]
            place.mkdir(parents=True, exist_ok=True)
            grey = np.array([row[f"p{i}"] for i in range(64)]).reshape(8, 8) * (255 / 16)
            Image.fromarray(grey.astype("uint8")).convert("RGB").save(place / f"{number:04}.png")


def _csv(path: str) -> Rows:
    with (ROOT / path).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _bunch(found: Any, label: str, spoken: Any) -> Rows:
    names: Sequence[str] = [name.replace("/", "_") for name in found["feature_names"]]
    return [
        {**dict(zip(names, x.tolist(), strict=True)), label: spoken(y)}
        for x, y in zip(found["data"], found["target"], strict=True)
    ]
