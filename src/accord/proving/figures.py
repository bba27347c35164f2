"""The figures of a finished run that a remedy may move: metrics, classes, slices, time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.recipe.task import LOWER_IS_BETTER
from accord.report.summary import build_summary, read_artifact, run_artifacts

SECONDS = "train_seconds"


def lower_is_better(name: str) -> bool:
    """Whether less of a figure is better: `rmse`, `log_loss [source=web]`, `train_seconds`."""
    return name.partition(" ")[0] in LOWER_IS_BETTER or name == SECONDS


def figures_of(run: Path, split: str = "test") -> dict[str, float]:
    """Figures of a run by name.

    Args:
        run: The directory of a complete run.
        split: Whose metrics.

    Returns:
        Metrics as they are named; of a class `recall [class=malignant]`; of a slice
        `f1 [source=web]`; and `train_seconds`. What is not defined is left out.
    """
    judged = read_artifact(run_artifacts(run), "evaluation", "metrics.json")[split]
    found: dict[str, float | None] = dict(judged["metrics"])
    for label, rates in judged["per_class"].items():
        named = (name for name in ("recall", "precision", "f1") if name in rates)
        found |= {f"{name} [class={label}]": rates[name] for name in named}
    for column, values in judged["slices"].items():
        for value, own in values.items():
            found |= {f"{name} [{column}={value}]": v for name, v in own["metrics"].items()}
    efficiency = build_summary(run, "complete")["efficiency"] or {}
    found[SECONDS] = efficiency.get(SECONDS)
    return {name: float(value) for name, value in found.items() if value is not None}


def rarest_class(run: Path) -> tuple[str, int] | None:
    """The class with fewest training rows, and how many; None where rows have no one class."""
    accounting: Mapping[str, Any] = read_artifact(run_artifacts(run), "dataset", "accounting.json")
    counts: Mapping[str, int] = (accounting.get("labels") or {}).get("train") or {}
    return min(counts.items(), key=lambda item: (item[1], item[0])) if counts else None


def rows_of(run: Path) -> dict[str, int]:
    """Prepared rows of each split of a finished run."""
    return dict(read_artifact(run_artifacts(run), "dataset", "schema.json")["rows"])
