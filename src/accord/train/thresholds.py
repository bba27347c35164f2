"""Thresholds of the finished model's classes, tuned on validation rows alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from accord.batch import PreparedSplit
from accord.errors import RecipeError
from accord.metric.score import finite
from accord.metric.spans import scheme_of
from accord.metric.threshold.aim import ThresholdSpec
from accord.metric.threshold.tune import tune
from accord.model.load import load_trained
from accord.model.save import add_facts
from accord.objective.token_label import TagChances, TokenLabel
from accord.train.balance import class_counts
from accord.train.lesson import Lesson

PROBLEMS = ("single-label", "multi-label", "token-label")
OUTSIDE = "O"


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
    if schema["problem"] == "token-label":
        found = _of_tags(lesson, folder, split)
        if found is not None:
            _put(lesson, folder, found)
        return
    columns = lesson.scores(lesson.placement.place(load_trained(folder)), split)
    if split.rows and not finite(columns):
        return  # evaluation says what is wrong
    if not split.rows:
        size = len(schema["labels"])
        several = schema["problem"] == "multi-label"
        label = np.zeros((0, size)) if several else np.zeros(0, dtype=np.int64)
        columns = {"scores": np.zeros((0, size), dtype=np.float32), "label": label}
    trained = class_counts(lesson.split("train")).numpy()
    _put(lesson, folder, tune(spec, schema["labels"], columns, trained, lesson.recipe.train.seed))


def _put(lesson: Lesson, folder: Path, found: dict[str, Any]) -> None:
    add_facts(folder, {"thresholds": found})
    lesson.context.log.emit("thresholds", **found)


def _of_tags(lesson: Lesson, folder: Path, split: PreparedSplit) -> dict[str, Any] | None:
    """One factor for all tags of an entity type (`B-PER`, `I-PER`), tuned word by word; None where
    the model says nothing finite."""
    tags, spec = tuple(lesson.schema["labels"]), lesson.recipe.balance.thresholds
    assert isinstance(spec, ThresholdSpec)
    scheme = scheme_of(tags)
    outside = bool((scheme.type_of < 0).any())
    names = (*((OUTSIDE,) if outside else ()), *scheme.types)
    kinds = (scheme.type_of + outside).tolist()
    objective = lesson.objective
    assert isinstance(objective, TokenLabel)
    asked = TagChances(objective, tuple(kinds))
    model = lesson.placement.place(load_trained(folder))
    columns = lesson.collect(model, asked, split)
    if split.rows and not finite(columns):
        return None
    label = columns["label"] if split.rows else np.zeros((0, 0), dtype=np.int64)
    chances = columns["chances"] if split.rows else np.zeros((0, 0, len(names)))
    due = label >= 0
    counts = np.bincount(kinds, class_counts(lesson.split("train")).numpy(), len(names))
    found = tune(
        spec,
        names,
        {"scores": chances[due].astype(np.float32), "label": label[due].astype(np.int64)},
        counts,
        lesson.recipe.train.seed,
        groups=np.nonzero(due)[0],
    )
    factors, rows = found["factors"], found["validation"]
    return {
        **found,
        "tags": {tag: factors[names[kind]] for tag, kind in zip(tags, kinds, strict=True)},
        "validation": {**rows, "words": rows["rows"], "rows": split.rows},
    }


def _conflict(problem: str, got: str) -> RecipeError:
    return RecipeError(
        f"`balance.thresholds` has no meaning here: {problem}",
        code="recipe-conflict",
        path="balance.thresholds",
        got=got,
        expected="classes, and a validation split",
        fix="remove it, or give `data.validation` a share",
    )
