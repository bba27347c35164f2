"""A peer of the cases `cold-start-*`: logistic regression on frozen mean embeddings.

What SetFit fits last, without its contrastive training: the texts of a case are embedded by the
same two layers of MiniLM, their mean is scaled to length one, and classes count alike. Needs
`python examples/fetch film-reviews`.

    python benchmarks/frozen_embeddings.py
"""

from __future__ import annotations

import csv
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from accord.model.pooled import Pooled  # noqa: E402
from benchmarks.evidence.cases.cold_start import NEW, SEEDS, shots  # noqa: E402
from benchmarks.evidence.small import SMALL  # noqa: E402

TOKENS, STRENGTH = 24, 10.0


def rows(file: Path) -> tuple[list[str], list[str]]:
    """Texts and labels."""
    with file.open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream))
    return [row["text"] for row in found], [row["label"] for row in found]


def measured(folder: Path) -> tuple[float, float]:
    """F1 of the new class, and of all in the mean."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.preprocessing import normalize

    encoder = Pooled(ROOT / SMALL, "text", torch.device("cpu"), TOKENS)
    (texts, labels), (others, truth) = rows(folder / "train.csv"), rows(folder / "test.csv")
    model: Any = LogisticRegression(class_weight="balanced", C=STRENGTH, max_iter=500)
    model.fit(normalize(encoder.texts(texts)), labels)
    found = model.predict(normalize(encoder.texts(others)))
    own = f1_score(truth, found, labels=[NEW], average="macro", zero_division=0)
    return float(own), float(f1_score(truth, found, average="macro", zero_division=0))


def main() -> None:
    """Print the mean over the seeds for each number of rows."""
    print(f"| rows | f1 of {NEW} | f1 macro |\n|---|---|---|")
    for number in (1, 5, 20):
        found: list[tuple[float, float]] = []
        for seed in range(SEEDS):
            with tempfile.TemporaryDirectory() as scratch:
                shots(number)(Path(scratch), seed)
                found.append(measured(Path(scratch)))
        own, macro = (statistics.mean(values) for values in zip(*found, strict=True))
        print(f"| {number} | {own:.3f} | {macro:.3f} |", flush=True)


if __name__ == "__main__":
    main()
