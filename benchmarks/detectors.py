"""Outlier detectors beside PyOD's on real tables: what they find, and CPU time of one core.

    pip install pyod && python benchmarks/detectors.py

Rows of another class are the outliers (malignant among benign tumours; zeros among 1, 4, 7), or
rows in which three of ten columns were moved by three to six deviations (diabetes). `found` is the
share of outliers among as many rows as there are outliers; `auc` the area under the curve of found
and false rows, from twenty shares.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not this folder, whose names are those of packages, too

from accord.part import find  # noqa: E402

RESULT = ROOT / "benchmarks/results/detectors.json"
ROUNDS = 5
SHARES = np.linspace(0.01, 0.49, 20)
Table = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def tables() -> dict[str, Table]:
    """Values [n, d] and which rows are outlying [n]."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

    chance = np.random.default_rng(0)
    tumours, digits, patients = load_breast_cancer(), load_digits(), load_diabetes(scaled=False)
    few = chance.choice(np.flatnonzero(tumours.target == 0), 20, replace=False)
    rows = np.concatenate([np.flatnonzero(tumours.target == 1), few])
    zeros = chance.choice(np.flatnonzero(digits.target == 0), 40, replace=False)
    others = np.concatenate([np.flatnonzero(np.isin(digits.target, (1, 4, 7))), zeros])
    moved, hit = patients.data.copy(), chance.choice(len(patients.data), 22, replace=False)
    for row in hit.tolist():
        columns = chance.choice(10, 3, replace=False)
        away = chance.uniform(3, 6, 3) * chance.choice([-1, 1], 3)
        moved[row, columns] += away * patients.data[:, columns].std(axis=0)
    return {
        "tumours": (tumours.data[rows], tumours.target[rows] == 0),
        "digits": (digits.data[others], digits.target[others] == 0),
        "patients": (moved, np.isin(np.arange(len(moved)), hit)),
    }


def ours(kind: str, values: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    plain = kind.removesuffix(" each")
    part, more = find("outlier", plain), {"each": True} if plain != kind else {}
    return part(part.spec(kind=plain, share=share, **more), values, 0).rows


def theirs(kind: str, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Scores of PyOD with the same settings, on the columns that ours sees."""
    from pyod.models.ecod import ECOD
    from pyod.models.iforest import IForest
    from pyod.models.lof import LOF

    if kind == "lof":
        values = (values - values.mean(0)) / np.where(values.std(0) > 0, values.std(0), 1)
    made = {
        "ecod": ECOD,
        "ecod each": ECOD,
        "lof": lambda: LOF(n_neighbors=20),
        "isolation-forest": lambda: IForest(n_estimators=200, random_state=0),
    }[kind]()
    return np.asarray(made.fit(values).decision_scores_)


def highest(scores: np.ndarray[Any, Any], share: float) -> np.ndarray[Any, Any]:
    rows = np.zeros(len(scores), dtype=bool)
    rows[np.argsort(-scores, kind="stable")[: round(share * len(scores))]] = True
    return rows


def judged(
    chosen: Callable[[float], np.ndarray[Any, Any]], due: np.ndarray[Any, Any]
) -> dict[str, float]:
    points = [(0.0, 0.0)]
    for share in SHARES:
        rows = chosen(float(share))
        points.append((float(rows[~due].mean()), float(rows[due].mean())))
    false, found = np.array([*points, (1.0, 1.0)]).T
    return {
        "found": round(float(chosen(float(due.mean()))[due].mean()), 3),
        "auc": round(float(np.trapezoid(found, false)), 3),
    }


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def compared(kind: str, values: np.ndarray[Any, Any], due: np.ndarray[Any, Any]) -> dict[str, Any]:
    """What both find, and what ours takes of the other's time."""
    scores, share = theirs(kind, values), float(due.mean())
    times = [
        (seconds(partial(ours, kind, values, share)), seconds(partial(theirs, kind, values)))
        for _ in range(ROUNDS)
    ]
    return {
        "accord": judged(partial(ours, kind, values), due),
        "pyod": judged(partial(highest, scores), due),
        "time over pyod": round(statistics.median(a / b for a, b in times), 2),
    }


def main() -> None:
    found: dict[str, Any] = {}
    for name, (values, due) in tables().items():
        found[name] = {"rows": len(values), "outliers": int(due.sum())}
        for kind in ("ecod", "ecod each", "lof", "isolation-forest"):
            found[name][kind] = compared(kind, values, due)
            print(name, kind, found[name][kind], flush=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
