"""Thresholds of the finished model's classes, tuned on validation rows alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from accord.errors import RecipeError
from accord.metric.score import finite
from accord.metric.threshold.tune import tune
from accord.model.load import load_trained
from accord.model.save import add_facts
from accord.train.balance import class_counts
from accord.train.lesson import Lesson

PROBLEMS = ("single-label", "multi-label")


def tune_thresholds(lesson: Lesson, folder: Path) -> None:
    """Put `thresholds` into the model's `accord.json`, if the recipe wants any.

    Args:
        lesson: The run's.
        folder: The model as it was saved: what is tuned is what will answer.

    Raises:
        RecipeError: Rows have no classes, or there are no validation rows.
    """
    spec: Any = lesson.recipe.balance.thresholds
    schema = lesson.schema
    if spec is None:
        return
    if schema["problem"] not in PROBLEMS:
        raise _conflict("rows have no classes to tell apart", schema["problem"])
    split = lesson.split("validation")
    if not split.rows and spec.tunes:
        raise _conflict("there are no validation rows to tune thresholds on", "data.validation: 0")
    columns = lesson.scores(lesson.placement.place(load_trained(folder)), split)
    if split.rows and not finite(columns):
        return  # evaluation says what is wrong
    if not split.rows:
        size = len(schema["labels"])
        several = schema["problem"] == "multi-label"
        label = np.zeros((0, size)) if several else np.zeros(0, dtype=np.int64)
        columns = {"scores": np.zeros((0, size), dtype=np.float32), "label": label}
    trained = class_counts(lesson.split("train")).numpy()
    found = tune(spec, schema["labels"], columns, trained, lesson.recipe.train.seed)
    add_facts(folder, {"thresholds": found})
    lesson.context.log.emit("thresholds", **found)


def _conflict(problem: str, got: str) -> RecipeError:
    return RecipeError(
        f"`balance.thresholds` has no meaning here: {problem}",
        code="recipe-conflict",
        path="balance.thresholds",
        got=got,
        expected="classes, and a validation split",
        fix="remove it, or give `data.validation` a share",
    )
