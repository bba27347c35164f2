"""summary.json: the facts of a run, from its events and artifacts alone."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from accord.artifact import MANIFEST
from accord.events import read_events
from accord.report.privacy import privacy_block

AUDIT = "audit.json"
"""What `accord audit` found, in the run directory."""
KINDS = ("permit", "dataset", "model", "evaluation")


def build_summary(run: Path, status: str) -> dict[str, Any]:
    """The summary of a run directory, finished or not.

    Args:
        run: The run directory.
        status: `complete`, `interrupted` or `failed`.

    Returns:
        The stable keys of DESIGN's contract; what a stage has not made yet is null or empty.
    """
    artifacts = run_artifacts(run)
    start = last_event(run, "start") or {}
    metrics = read_artifact(artifacts, "evaluation", "metrics.json") or {}
    model = read_artifact(artifacts, "model", "accord.json") or {}
    schema = read_artifact(artifacts, "dataset", "schema.json") or {}
    efficiency = last_event(run, "efficiency") or {}
    return {
        "accord": version("accord"),
        "task": start.get("task") or schema.get("task"),
        "status": status,
        "seed": model.get("seed"),
        "data": _data(artifacts, schema),
        "metrics": {split: found["metrics"] for split, found in metrics.items()},
        "tasks": {split: found["tasks"] for split, found in metrics.items() if found.get("tasks")},
        "intervals": {split: found["intervals"] for split, found in metrics.items()},
        "baseline": read_artifact(artifacts, "evaluation", "baseline.json"),
        "best": model.get("best"),
        "loading": _fields(last_event(run, "loading")),
        "efficiency": _fields(efficiency),
        "privacy": privacy_block(read_artifact(artifacts, "model", "privacy.json"), _charges(run)),
        "agreements": _agreements(artifacts),
        "artifacts": {
            kind: {"path": path.relative_to(run).as_posix(), **_identity(path)}
            for kind, path in artifacts.items()
        },
    }


def _charges(run: Path) -> dict[str, Any] | None:
    path = run / "charges.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _fields(event: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {name: value for name, value in event.items() if name not in ("time", "event")}


def run_artifacts(run: Path) -> dict[str, Path]:
    """Folders of the artifacts this run made or reused last, by kind."""
    found: dict[str, Path] = {}
    for event in read_events(run / "events.jsonl", "stage"):
        kind, digest = event["stage"], event.get("digest")
        if digest is None:
            continue
        for path in (run / "artifacts").glob(f"{kind}-*"):
            if (path / MANIFEST).is_file() and _identity(path)["digest"] == digest:
                found[kind] = path
    return {kind: found[kind] for kind in KINDS if kind in found}


def read_artifact(artifacts: Mapping[str, Path], kind: str, name: str) -> Any:
    """Parsed JSON file of an artifact, or None if there is none."""
    path = artifacts.get(kind, Path()) / name
    if kind not in artifacts or not path.is_file():
        return None
    return json.loads(path.read_text("utf-8"))


def read_recipe(run: Path) -> dict[str, Any]:
    """Sections of the resolved recipe, variables as written; empty if there is none."""
    path = run / "recipe.yaml"
    found = YAML(typ="safe", pure=True).load(path) if path.is_file() else None
    return found if isinstance(found, dict) else {}


def interval_title(run: Path) -> str:
    """What an interval of this run holds: `95% interval`; the recipe says how much."""
    share = (read_recipe(run).get("evaluate") or {}).get("confidence")
    # A variable stands as it was written, and what it was is not known any more.
    return f"{100 * share:.4g}% interval" if isinstance(share, float | int) else "interval"


def last_event(run: Path, event: str) -> dict[str, Any] | None:
    """The newest event of a kind."""
    newest = deque(read_events(run / "events.jsonl", event), maxlen=1)
    return newest[0] if newest else None


def step_events(run: Path, event: str) -> list[dict[str, Any]]:
    """Events with a `step`, each step once: what a resumed run did again replaces the first. Those
    of an ensemble's members, which carry a `member`, come one member after the other."""
    by_step: dict[tuple[int, int], dict[str, Any]] = {}
    for found in read_events(run / "events.jsonl"):
        own = found.get("member", 0)
        if found["event"] == "resume":
            last = (own, found["step"])
            by_step = {at: e for at, e in by_step.items() if at[0] != own or at <= last}
        elif found["event"] == event:
            by_step[own, found["step"]] = found
    return [by_step[at] for at in sorted(by_step)]


def _data(artifacts: Mapping[str, Path], schema: Mapping[str, Any]) -> dict[str, Any]:
    accounting = read_artifact(artifacts, "dataset", "accounting.json") or {}
    names = ("read", "kept", "removed", "changed", "touched", "added", "leakage", "labels")
    rows = accounting.get("rows", {})
    return {"rows": rows, "sequences": schema.get("rows", {})} | {
        name: accounting.get(name) for name in (*names, "tokens", "anonymity", "told", "tasks")
    }


def _agreements(artifacts: Mapping[str, Path]) -> list[dict[str, Any]]:
    permit = read_artifact(artifacts, "permit", "permit.json")
    if permit is None:
        return []
    names = ("id", "license", "verdict", "obligations", "roles")
    return [{name: work[name] for name in names} for work in permit["works"]]


def _identity(path: Path) -> dict[str, str]:
    manifest = json.loads((path / MANIFEST).read_text("utf-8"))
    return {"identity": manifest["identity"], "digest": manifest["digest"]}
