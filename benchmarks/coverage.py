"""How often the intervals of `accord prove` hold the truth, and how wide they are.

Worlds are drawn in which the truth is known; in each, rows are divided several times, two models
learn from one part and are judged on the other. Beside it: the plain t interval, and the correction
of Nadeau and Bengio (2003).

    python benchmarks/coverage.py
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from accord.proving.effect import Interval, paired_interval

SHARES = np.array([0.6, 0.3, 0.1])
MEANS = np.random.default_rng(99).normal(0, 0.7, (3, 10))
DIVISIONS, GROUPS = 5, 20
Pair = Callable[[int], tuple[Any, Any]]
MODELS: dict[str, Pair] = {
    "logistic": lambda _: (
        LogisticRegression(max_iter=50),
        LogisticRegression(max_iter=50, class_weight="balanced"),
    ),
    "tree": lambda seed: (
        DecisionTreeClassifier(max_features=3, random_state=seed),
        DecisionTreeClassifier(
            max_features=3, min_samples_leaf=4, class_weight="balanced", random_state=seed + 1
        ),
    ),
}
METRICS: dict[str, Callable[[Any, Any], float]] = {
    "accuracy": lambda true, said: float(np.mean(true == said)),
    "f1 of the rarest": lambda true, said: float(
        2 * np.sum((true == 2) & (said == 2)) / max(1, np.sum(true == 2) + np.sum(said == 2))
    ),
}


@dataclass(frozen=True)
class Setting:
    """Rows learned from, judged, and there in all. Apart: learned from once, all judged on one."""

    learned: int
    judged: int
    there: int
    apart: bool = False


SETTINGS = (
    Setting(115, 597, 712), Setting(115, 597, 1800), Setting(100, 300, 400),
    Setting(200, 200, 400), Setting(320, 80, 400), Setting(60, 269, 569, apart=True),
)  # fmt: skip


def drawn(rows: int, draw: np.random.Generator) -> tuple[Any, Any]:
    label = draw.choice(3, rows, p=SHARES)
    return MEANS[label] + draw.normal(0, 1, (rows, 10)), label


def difference(
    models: tuple[Any, Any], learn: tuple[Any, Any], judge: tuple[Any, Any]
) -> tuple[dict[str, float], dict[str, Any]]:
    """Of each metric: the difference, and those without each group of the judged rows."""
    one, two = (model.fit(*learn).predict(judge[0]) for model in models)
    true, group = judge[1], np.arange(len(judge[1])) % GROUPS
    own = {name: metric(true, two) - metric(true, one) for name, metric in METRICS.items()}
    spread = {
        name: np.array([metric(true[k], two[k]) - metric(true[k], one[k]) for k in parts])
        for parts in [[group != left for left in range(GROUPS)]]
        for name, metric in METRICS.items()
    }
    return own, spread


def truth(models: Pair, learned: int) -> dict[str, float]:
    draw = np.random.default_rng(1)
    whole = drawn(20_000, draw)
    found: list[dict[str, float]] = []
    for seed in range(400):
        learn, pair = drawn(learned, draw), models(seed)
        one, two = (model.fit(*learn).predict(whole[0]) for model in pair)
        found.append({n: m(whole[1], two) - m(whole[1], one) for n, m in METRICS.items()})
    return {name: float(np.mean([own[name] for own in found])) for name in METRICS}


def covered(models: Pair, setting: Setting, worlds: int) -> dict[str, dict[str, list[float]]]:
    """By metric and kind of interval: share of worlds in which it held the truth, mean width."""
    draw, true = np.random.default_rng(2), truth(models, setting.learned)
    seen: dict[str, dict[str, list[list[float]]]] = {name: {} for name in METRICS}
    for world in range(worlds):
        rows, label = drawn(setting.there, draw)
        differences: list[tuple[dict[str, float], dict[str, Any]]] = []
        for seed in range(DIVISIONS):
            order = draw.permutation(setting.there)
            learn, judge = order[: setting.learned], order[setting.learned :][: setting.judged]
            if setting.apart:
                first = setting.judged + seed * setting.learned
                judge, learn = np.arange(setting.judged), np.arange(first, first + setting.learned)
            pair = models(1000 * world + seed)
            differences.append(
                difference(pair, (rows[learn], label[learn]), (rows[judge], label[judge]))
            )
        overlap = setting.judged / setting.learned
        for name in METRICS:
            spread = np.stack([left_out[name] for _, left_out in differences])
            spread = spread.mean(0, keepdims=True) if setting.apart else spread
            judging = {name: float(spread.var(axis=1).mean()) * (GROUPS - 1)}
            for kind, wanted in {
                "plain": Interval(0.95),
                "nadeau-bengio": Interval(0.95, overlap),
                "accord": Interval(0.95, overlap, judging, setting.apart),
            }.items():
                found = paired_interval([own[name] for own, _ in differences], wanted, name)
                assert found is not None
                low, high = found
                held = float(low <= true[name] <= high)
                seen[name].setdefault(kind, []).append([held, high - low])
    return {
        name: {k: [round(float(x), 3) for x in np.mean(v, axis=0)] for k, v in kinds.items()}
        for name, kinds in seen.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    worlds = parser.parse_args().worlds
    warnings.simplefilter("ignore", ConvergenceWarning)
    results: list[dict[str, Any]] = []
    for kind, models in MODELS.items():
        for setting in SETTINGS:
            found = covered(models, setting, worlds)
            results.append({"model": kind, **vars(setting), "metrics": found})
            print(json.dumps(results[-1]), flush=True)
    file = Path(__file__).parent / "results" / "coverage.json"
    content = {"worlds": worlds, "divisions": DIVISIONS, "found": results}
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
