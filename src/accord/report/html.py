"""report.html: one self-contained page, from a run directory alone."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from accord.accounting.guarantee import facts
from accord.artifact import write_atomic
from accord.report.agreement import agreement
from accord.report.audit import audit_section
from accord.report.console import HEADLINES
from accord.report.decisions import members_table, thresholds_table
from accord.report.diagnosis import diagnosis_content
from accord.report.flow import flow_plot
from accord.report.sections import (
    efficiency_plots,
    evaluation_plots,
    leaked_rows,
    left_out,
    mistakes,
    training_plots,
)
from accord.report.summary import build_summary, interval_title, read_artifact, run_artifacts

CREDENTIALS = re.compile(r"://[^/@]*@")
TILES = (
    "accuracy",
    "f1",
    "f1_macro",
    "roc_auc",
    "perplexity",
    "bits_per_byte",
    "rmse",
    "r2",
    "mae",
)


def write_report(run: Path) -> Path:
    """Write `report.html` into a run directory.

    Args:
        run: A finished run; sections without data are left out.

    Returns:
        The page's path. It loads nothing from anywhere.
    """
    status = "complete"
    if (run / "summary.json").is_file():
        status = json.loads((run / "summary.json").read_text("utf-8"))["status"]
    page = _environment().get_template("report.html.jinja").render(_content(run, status))
    path = run / "report.html"
    write_atomic(path, page)
    return path


@cache
def _environment() -> jinja2.Environment:
    """Kept: its templates take half a second to compile."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("accord.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"number": _number, "size": _size}
    return environment


def _content(run: Path, status: str) -> dict[str, Any]:
    artifacts = run_artifacts(run)
    summary = build_summary(run, status)
    schema = read_artifact(artifacts, "dataset", "schema.json") or {}
    evaluation = read_artifact(artifacts, "evaluation", "metrics.json") or {}
    permit = read_artifact(artifacts, "permit", "permit.json")
    best = summary.get("best") or {}
    return {
        "name": run.resolve().name,
        "summary": summary,
        "schema": schema,
        "permit": permit,
        "agreement": agreement(run, permit) if permit else None,
        "guarantee": facts(summary["privacy"]),
        "flow": flow_plot(summary["data"]),
        "leaks": leaked_rows(summary["data"]["leakage"]),
        "sources": {role: _locations(permit, role) for role in ("base", "train")},
        "interval": interval_title(run),
        "left_out": left_out(run),
        "tiles": _tiles(summary),
        "splits": [
            split
            for split in ("validation", "test")
            if evaluation.get(split, {}).get("rows", 1) and evaluation.get(split)
        ],
        "evaluation": evaluation,
        "thresholds": thresholds_table(run),
        "members": members_table(run),
        "metric_names": _metric_names(evaluation),
        "training": training_plots(run, best.get("metric")),
        "curves": evaluation_plots(run),
        "efficiency": summary["efficiency"],
        "efficiency_plots": efficiency_plots(summary["efficiency"]),
        "diagnosed": diagnosis_content(run) if (run / "diagnosis.json").is_file() else None,
        "audit": audit_section(run),
        "mistakes": mistakes(run, schema.get("labels", [])),
        "recipe": _text(run / "recipe.yaml"),
        "auto_class": AUTO.get(str(summary["task"])),
        "head": (read_artifact(artifacts, "model", "accord.json") or {}).get("head"),
    }


AUTO = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "causal-lm": "AutoModelForCausalLM",
    "image-classification": "AutoModelForImageClassification",
}


def _tiles(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The headline metrics of the test split, each with interval and baseline."""
    metrics = summary["metrics"].get("test", {})
    intervals = summary["intervals"].get("test", {})
    baseline = summary.get("baseline") or {}
    # With more than two labels plain F1 is the macro average: once is enough.
    same = metrics.get("f1") is not None and metrics["f1"] == metrics.get("f1_macro")
    return [
        {
            "name": name,
            "value": metrics[name],
            "interval": intervals.get(name),
            "baseline": baseline.get("metrics", {}).get(name),
        }
        for name in TILES
        if metrics.get(name) is not None and not (same and name == "f1_macro")
    ][:4]


def _locations(permit: Mapping[str, Any] | None, role: str) -> list[str]:
    """Where the assets of a role lie, as the recipe names them, without what signs in there."""
    assets = permit["assets"] if permit else []
    named = [str(asset["location"]) for asset in assets if asset["role"] == role]
    return [
        CREDENTIALS.sub("://", name.partition("?")[0]) if "://" in name else name for name in named
    ]


def _metric_names(evaluation: Mapping[str, Any]) -> list[str]:
    """Headlines first, then all others in alphabetical order."""
    names = {n for e in evaluation.values() for n, v in e["metrics"].items() if v is not None}
    return [n for n in HEADLINES if n in names] + sorted(names - set(HEADLINES))


def _text(path: Path) -> str:
    return path.read_text("utf-8") if path.is_file() else ""


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    if abs(value) < 100:
        return f"{value:.4f}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def _size(value: float) -> str:
    return f"{value / 2**30:.2f} GiB" if value >= 2**30 else f"{value / 2**20:.0f} MiB"
