"""Accuracy of private training over epsilon, beside none and beside Opacus at the same epsilon.

    pip install opacus==1.6.0        # the peer; without it only Accord is measured
    python examples/fetch film-reviews
    python benchmarks/private/utility.py [--epsilons 0.3 1 3 8] [--seeds 5]

For or against a film: a head on the sentence vectors of a frozen MiniLM, what a private run moves
first and what a small machine can measure with several seeds. Both systems learn the same weights
from the same rows with the same batch, steps, optimizer and schedule; each finds its own noise for
an epsilon. Each seed divides the rows anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import nn  # noqa: E402

from accord.model.pooled import Pooled  # noqa: E402
from accord.privacy.clipping.adaptive import AdaptiveSpec  # noqa: E402
from accord.privacy.clipping.automatic import AutomaticSpec  # noqa: E402
from benchmarks.evidence.rows import film_reviews  # noqa: E402
from benchmarks.private.curve import curve  # noqa: E402
from benchmarks.private.ways import (  # noqa: E402
    Batch,
    Setting,
    Way,
    accord,
    accuracy,
    divided,
    opacus,
    plain,
)

RESULT = ROOT / "benchmarks/results/private_utility.json"
PLOT = ROOT / "docs/private-utility.svg"


@dataclass(frozen=True)
class Rows:
    """Sentence vectors of length 1 [n, 384], and classes [n]."""

    x: torch.Tensor
    y: torch.Tensor

    def __len__(self) -> int:
        return len(self.y)

    def part(self, chosen: torch.Tensor) -> Self:
        return type(self)(self.x[chosen], self.y[chosen])

    def batches(self, chosen: torch.Tensor) -> list[Batch]:
        return [{"x": self.x[chosen], "labels": self.y[chosen], "rows": chosen}]


def vectors() -> Rows:
    """Of all sentences. No statistic of them is taken."""
    rows = film_reviews()
    base = ROOT / "examples/film-reviews/base"
    found = Pooled(base, "text", torch.device("cpu"), 64).texts([row["text"] for row in rows])
    x = nn.functional.normalize(torch.from_numpy(found), dim=1)
    return Rows(x, torch.tensor([int(row["label"] == "positive") for row in rows]))


def head() -> nn.Module:
    return nn.Linear(384, 2)


SETTING = Setting(head, 525, 20, 0.03)
WAYS: dict[str, Way] = {
    "no privacy": plain,
    "Accord": accord(AdaptiveSpec()),
    "Accord, automatic": accord(AutomaticSpec()),
    "Opacus, norm 1": opacus(1.0),
    "Opacus, norm 0.1": opacus(0.1),
}


def reached(rows: Rows, name: str, seed: int, epsilon: float) -> float:
    """Accuracy of a way on rows it did not learn from."""
    train, test = divided(rows, seed)
    return round(accuracy(WAYS[name](SETTING, train, seed, epsilon), test), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epsilons", nargs="*", type=float, default=[0.3, 1.0, 3.0, 8.0])
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows = vectors()
    found: dict[str, dict[str, list[float]]] = {}
    for name in WAYS:
        for epsilon in asked.epsilons if name != "no privacy" else (float("inf"),):
            try:
                runs = [reached(rows, name, seed, epsilon) for seed in range(asked.seeds)]
            except ImportError as missing:
                print(f"{name}: {missing}")
                break
            found.setdefault(name, {})[f"{epsilon:g}"] = runs
            print(f"{name:18} {epsilon:6g}", runs, flush=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    PLOT.write_text(curve(found, "no privacy"), "utf-8")


if __name__ == "__main__":
    main()
