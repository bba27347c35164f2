"""The plain baseline: what a few seconds and no pretrained weights reach on the same rows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.batch import PreparedSplit
from accord.evaluate.baseline_features import ROWS, features_of, target_of
from accord.evaluate.baseline_tokens import frequent_tags, gram_models
from accord.metric.score import score
from accord.metric.scorer import Columns

SPLITS = ("validation", "test")


def baseline_of(folder: Path, schema: Mapping[str, Any], seed: int) -> dict[str, Any] | None:
    """Train and judge the plain baselines of a prepared data set.

    Args:
        folder: Folder of a `dataset` artifact.
        schema: Its `schema.json`.
        seed: Of the rows drawn when there are too many.

    Returns:
        `name`, `metrics` (of the test split) and `validation`; `others` holds further baselines
        that did worse on validation, or without validation rows come later. None where no
        baseline can be fitted: one class only, or no rows.
    """
    train = _capped(PreparedSplit(folder, "train"), seed)
    tables = {name: PreparedSplit(folder, name).whole() for name in SPLITS}
    judged = {name: table for name, table in tables.items() if table.num_rows}
    if not train.num_rows or "test" not in judged:
        return None
    make = _MAKERS.get(schema["problem"], _fitted)
    with warnings.catch_warnings():
        # A baseline that has not quite converged is a baseline still.
        warnings.simplefilter("ignore")
        answers = make(folder, schema, train, judged)
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "metrics": score(schema["problem"], schema["labels"], columns["test"]),
            "validation": score(schema["problem"], schema["labels"], columns["validation"])
            if "validation" in columns
            else {},
            "rows": train.num_rows,
        }
        for name, columns in answers.items()
    ]
    if not found:
        return None
    best, *others = sorted(found, key=lambda one: _cost_of(one["validation"]))
    return {**best, "others": others}


def _cost_of(metrics: Mapping[str, float | None]) -> float:
    for name in ("loss", "rmse"):
        value = metrics.get(name)
        if value is not None:
            return value
    return float("inf")


def _capped(split: PreparedSplit, seed: int) -> pa.Table:
    if split.rows <= ROWS:
        return split.whole()
    picked = np.random.default_rng(seed).choice(split.rows, ROWS, replace=False)
    return split.take(np.sort(picked))


Maker = Callable[
    [Path, Mapping[str, Any], pa.Table, Mapping[str, pa.Table]], dict[str, dict[str, Columns]]
]


def _fitted(
    folder: Path, schema: Mapping[str, Any], train: pa.Table, judged: Mapping[str, pa.Table]
) -> dict[str, dict[str, Columns]]:
    """Estimators of scikit-learn on the features of the modality."""
    target = target_of(train, schema)
    if len(np.unique(target)) < 2:
        return {}
    features = features_of(folder, schema)
    learned = features.fit(train)
    inputs = {name: features.transform(table) for name, table in judged.items()}
    found: dict[str, dict[str, Columns]] = {}
    for name, estimator in features.estimators.items():
        estimator.fit(learned, target)
        found[name] = {
            split: _answers(estimator, inputs[split], table, schema)
            for split, table in judged.items()
        }
    return found


def _answers(
    estimator: Any, inputs: Any, table: pa.Table, schema: Mapping[str, Any]
) -> dict[str, npt.NDArray[Any]]:
    truth = target_of(table, schema)
    if schema["problem"] == "regression":
        return {"label": truth, "prediction": estimator.predict(inputs)}
    chances = np.asarray(estimator.predict_proba(inputs))
    if schema["problem"] == "multi-label":
        return {"label": truth, "scores": chances}
    # Classes without a training row get no probability.
    scores = np.zeros((len(chances), len(schema["labels"])))
    scores[:, estimator.classes_] = chances
    return {"label": truth, "scores": scores}


_MAKERS: Mapping[str, Maker] = {"token-label": frequent_tags, "next-token": gram_models}
