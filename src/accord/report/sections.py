"""What the report shows, gathered from a run directory: plain values for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from accord.report.plots import (
    Axes,
    Line,
    bar_plot,
    column_plot,
    confusion_plot,
    line_plot,
    scatter_plot,
    smoothed,
)
from accord.report.summary import read_artifact, run_artifacts, step_events
from accord.vault.stream import is_sealed

MOST_CLASSES = 30
MOST_CURVES = 5
MISTAKES = 12
POINTS = 400


def training_plots(run: Path, metric: str | None) -> list[str]:
    """Loss, learning rate, and the validation metric over the steps."""
    steps = [e for e in step_events(run, "step") if e.get("loss") is not None]
    if not steps:
        return []
    if "member" in steps[0]:
        return [_member_losses(steps)]
    thinned = steps[:: max(1, len(steps) // POINTS)]
    at = [float(e["step"]) for e in thinned]
    losses = [float(e["loss"]) for e in thinned]
    lines = [
        Line("training, each log line", at, losses, 0, faint=True),
        Line("training", at, smoothed(losses), 0),
    ]
    evaluations = [e for e in step_events(run, "evaluate") if e["metrics"]]
    points = _points(evaluations, "loss")
    if points:
        lines.append(Line("validation", *points, 1, dots=True))
    plots = [line_plot("Loss", lines, Axes("step", "loss"))]
    others = _points(evaluations, metric) if metric and metric != "loss" else None
    if others and len(others[0]) > 1:
        title = f"Validation {metric}"
        plots.append(
            line_plot(title, [Line(title, *others, 1, dots=True)], Axes("step", str(metric)))
        )
    rates = [float(e["learning_rate"]) for e in thinned]
    plots.append(
        line_plot("Learning rate", [Line("learning rate", at, rates, 2)], Axes("step", "rate"))
    )
    return plots


def _member_losses(steps: Sequence[Mapping[str, Any]]) -> str:
    """The training loss of an ensemble's members, a line each."""
    lines: list[Line] = []
    for number in sorted({int(e["member"]) for e in steps})[:MOST_CURVES]:
        own = [e for e in steps if e["member"] == number]
        own = own[:: max(1, len(own) // POINTS)]
        at, losses = [float(e["step"]) for e in own], [float(e["loss"]) for e in own]
        lines.append(Line(f"member {number}", at, smoothed(losses), number - 1))
    most = max(int(e["member"]) for e in steps)
    title = "Loss of the members" + (f": the first {MOST_CURVES}" if most > MOST_CURVES else "")
    return line_plot(title, lines, Axes("step", "loss"))


def evaluation_plots(run: Path) -> list[str]:
    """ROC, precision-recall and reliability on test; true against predicted for numbers."""
    artifacts = run_artifacts(run)
    curves = (read_artifact(artifacts, "evaluation", "curves.json") or {}).get("test", {})
    metrics = (read_artifact(artifacts, "evaluation", "metrics.json") or {}).get("test", {})
    unit = (0.0, 1.0)
    plots: list[str] = []
    for name, title, axes in (
        ("roc", "ROC", Axes("false positive rate", "true positive rate", unit, unit)),
        ("pr", "Precision and recall", Axes("recall", "precision", unit, unit)),
    ):
        found = curves.get(name) or {}
        # The hardest classes say most; colours for more would not be told apart.
        hardest = sorted(found, key=lambda label: found[label]["area"])[:MOST_CURVES]
        shown = [label for label in found if label in hardest]
        if len(shown) < len(found):
            title = f"{title}: the {len(shown)} smallest areas of {len(found)} labels"
        lines = [
            Line(f"{label} (area {c['area']:.3f})", c["x"], c["y"], i)
            for i, (label, c) in enumerate((label, found[label]) for label in shown)
        ]
        if name == "roc" and lines:
            lines.append(Line("chance", unit, unit, 5, dashed=True, faint=True))
        if lines:
            plots.append(line_plot(title, lines, axes))
    plots += _reliability(curves.get("reliability"))
    scatter = curves.get("scatter")
    if scatter:
        plots += _regression_plots(scatter)
    confusion = metrics.get("confusion")
    if confusion and len(confusion["labels"]) <= MOST_CLASSES:
        plots.append(confusion_plot(confusion["labels"], confusion["counts"]))
    return plots


def left_out(run: Path) -> list[str]:
    """What a reader might look for and not find, each with the reason."""
    artifacts = run_artifacts(run)
    metrics = read_artifact(artifacts, "evaluation", "metrics.json")
    told: list[str] = []
    if not step_events(run, "step"):
        told.append("Training curves: no step was logged.")
    if metrics is None:
        return [*told, "Evaluation and mistakes: the run has not come to its evaluation."]
    test = metrics.get("test") or {}
    if not test.get("rows", 1):
        told.append("Test metrics: the test split has no rows.")
    size = len((test.get("confusion") or {}).get("labels", []))
    if size > MOST_CLASSES:
        told.append(f"Confusion matrix: {size} classes, and at most {MOST_CLASSES} can be read.")
    drawn = (read_artifact(artifacts, "evaluation", "curves.json") or {}).get("test", {})
    known = len(test.get("per_class") or {})
    if known > 2 and 0 < len(drawn.get("roc") or {}) < known:
        told.append(
            f"Curves: kept for {len(drawn['roc'])} of {known} labels, those with most rows."
        )
    if read_artifact(artifacts, "evaluation", "baseline.json") is None:
        told.append("Baseline: none was judged; `evaluate.baseline` says whether one is.")
    if not (run / "predictions.parquet").is_file():
        told.append("Worst mistakes: there is no predictions.parquet.")
    elif is_sealed(run / "predictions.parquet"):
        told.append(
            "Worst mistakes: the rows are sealed, and a report is not. "
            "`accord vault open` gives predictions.parquet to who may read it."
        )
    return told


def _reliability(found: Mapping[str, Sequence[float | None]] | None) -> list[str]:
    if not found:
        return []
    pairs = [
        (c, a)
        for c, a in zip(found["confidence"], found["accuracy"], strict=True)
        if c is not None and a is not None
    ]
    if not pairs:
        return []
    x, y = [c for c, _ in pairs], [a for _, a in pairs]
    unit = (0.0, 1.0)
    lines = [
        Line("model", x, y, 0, dots=True),
        Line("perfect", unit, unit, 5, dashed=True, faint=True),
    ]
    axes = Axes("confidence", "share that is right", unit, unit)
    bins = [
        (float(c), int(n))
        for c, n in zip(found["confidence"], found["count"], strict=True)
        if c is not None and n
    ]
    return [
        line_plot("Reliability", lines, axes),
        column_plot("How sure it was", bins, Axes("confidence", "predictions", unit)),
    ]


def _regression_plots(scatter: Mapping[str, Sequence[float]]) -> list[str]:
    names = list(scatter)
    true, predicted = scatter[names[0]][:1000], scatter[names[1]][:1000]
    errors = [p - t for t, p in zip(true, predicted, strict=True)]
    span = max(map(abs, errors), default=1.0) or 1.0
    low, high = min(predicted), max(predicted)
    residual = Axes("predicted", "predicted - true", (low, high), (-1.1 * span, 1.1 * span))
    return [
        scatter_plot("True and predicted", true, predicted, Axes("true", "predicted")),
        scatter_plot("Residuals", predicted, errors, residual),
    ]


def leaked_rows(leakage: Mapping[str, Any] | None) -> list[str]:
    """Examples of rows in two splits: where they stand, never what they say."""
    told: list[str] = []
    for example in (leakage or {}).get("examples", ()):
        places = [
            f"{at['asset']} row {at['row']}" for at in example["rows"] if isinstance(at, dict)
        ]
        likeness = (
            "the same" if example["kind"] == "exact" else f"{example['similarity']:.0%} alike"
        )
        if len(places) == 2:  # runs of older versions have no names
            told.append(f"{example['pair']}: {places[0]} and {places[1]}, {likeness}")
    return told


def efficiency_plots(efficiency: Mapping[str, Any]) -> list[str]:
    """Where the time went."""
    phases = [(name, float(s)) for name, s in efficiency.get("phases", {}).items() if s > 0]
    return [bar_plot("Time by phase", phases, "s")] if phases else []


def mistakes(run: Path, labels: Sequence[str]) -> list[dict[str, Any]]:
    """The test rows the model was most wrong about."""
    path = run / "predictions.parquet"
    if not path.is_file() or is_sealed(path):
        return []
    table = pq.read_table(path)
    if not {"loss", "display", "split"} <= set(table.column_names):
        return []
    own = np.array(table["split"].to_pylist()) == "test"
    losses = np.where(own, table["loss"].to_numpy(), -np.inf)
    order = np.argsort(-losses, kind="stable")[: min(MISTAKES, int(own.sum()))]
    names = ("row", "label", "target", "prediction", "loss", "display")
    shown = table.select([name for name in names if name in table.column_names])
    return [_named(row, labels) for row in shown.take(order).to_pylist()]


def _named(row: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    """A row of predictions with label names in place of ids."""
    found = dict(row)
    if "target" in found:
        found["label"] = found.pop("target")
    for name in ("label", "prediction"):
        value = found.get(name)
        if isinstance(value, int) and 0 <= value < len(labels):
            found[name] = labels[value]
        elif isinstance(value, float):
            found[name] = f"{value:.4g}"
        elif isinstance(value, list):
            found[name] = ", ".join(map(str, value))
    found["display"] = str(found["display"])[:500]
    return found


def _points(
    evaluations: Sequence[Mapping[str, Any]], metric: str | None
) -> tuple[list[float], list[float]] | None:
    found = [
        (float(e["step"]), float(e["metrics"][metric]))
        for e in evaluations
        if metric in e["metrics"] and e["metrics"][metric] is not None
    ]
    return ([step for step, _ in found], [value for _, value in found]) if found else None
