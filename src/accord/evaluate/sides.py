"""Metrics of side tasks, from the heads that were saved beside the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from torch import nn

from accord.artifact import Artifact
from accord.batch import PreparedSplit
from accord.metric.score import score
from accord.model.head.embeddings import last_layer
from accord.model.side_heads import load_heads
from accord.objective.objective import Objective
from accord.objective.shared import Sides, sides_of

Collect = Callable[[Objective, PreparedSplit], Mapping[str, Any]]


def side_metrics(
    model: nn.Module,
    saved: Artifact,
    schema: Mapping[str, Any],
    split: PreparedSplit,
    collect: Collect,
) -> dict[str, dict[str, float | None]]:
    """Metrics of each side task by its column, over the rows of a split that have an answer.

    Args:
        model: Trained, on its device.
        saved: The `model` artifact.
        schema: The prepared data's `schema.json`.
        split: The rows: of the task's validation or test, or those that a side task with data of
            its own is examined with.
        collect: Runs the model over a split for an objective.
    """
    tasks = schema.get("tasks") or ()
    heads = load_heads(saved.path, tasks)
    own = "train" if split.name in ("validation", "test") else split.name.removesuffix("-test")
    asked = [number for number, task in enumerate(tasks) if task.get("split", "train") == own]
    if heads is None or not split.rows or not asked:
        return {}
    layer = last_layer(model, len(schema["labels"]) or 1, trained=False, field="train.tasks")[1]
    heads.to(next(model.parameters()).device)
    sides = sides_of(tasks, heads)
    columns = collect(Sides(layer, [sides[number] for number in asked]), split)
    return {tasks[number]["name"]: _scored(tasks[number], columns) for number in asked}


def _scored(task: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, float | None]:
    name, labels = task["name"], columns[f"{task['name']}/label"]
    regression = task["problem"] == "regression"
    due = np.isfinite(labels) if regression else labels != -100
    if not due.any():
        return {}
    read = "value" if regression else "scores"
    found = {"label": labels[due]}
    found["prediction" if regression else "scores"] = columns[f"{name}/{read}"][due]
    return score(task["problem"], task["labels"], found)
