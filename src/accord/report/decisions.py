"""How a model decides: thresholds of its classes and what they change; the members that vote."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from accord.report.summary import read_artifact, run_artifacts

RATES = ("precision", "recall", "f1")


def thresholds_table(run: Path) -> dict[str, Any] | None:
    """Each class with its threshold (of several classes: factor) and its rates on test rows,
    without and with; None where the likeliest class is taken."""
    artifacts = run_artifacts(run)
    found = (read_artifact(artifacts, "model", "accord.json") or {}).get("thresholds")
    test = (read_artifact(artifacts, "evaluation", "metrics.json") or {}).get("test", {})
    before = test.get("undecided")
    if not found or not before:
        return None
    values: Mapping[str, float] = found.get("thresholds") or found["factors"]
    return {
        "aim": found["aim"]["kind"],
        "word": "threshold" if found.get("thresholds") else "factor",
        "rows": found["validation"]["rows"],
        "fresh": found["validation"].get("fresh"),
        "few": found["few"],
        "classes": [
            {
                "label": label,
                "value": values.get(label),
                "interval": found.get("intervals", {}).get(label),
                "rates": [
                    (before["per_class"][label][name], test["per_class"][label][name])
                    for name in RATES
                ],
            }
            for label in test["per_class"]
        ],
    }


def members_table(run: Path) -> dict[str, Any] | None:
    """Metrics of each member on test rows, and how they differ; None of a single model."""
    artifacts = run_artifacts(run)
    test = (read_artifact(artifacts, "evaluation", "metrics.json") or {}).get("test", {})
    if not test.get("members"):
        return None
    return {"each": test["members"], "diversity": test["diversity"]}
