"""Logistic regression; for numbers, ridge regression."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import numpy as np
from pydantic import Field

from accord.data.mislabelled.folds import assign_folds
from accord.data.mislabelled.predictor import Answers, Examples, Features, Predict
from accord.data.outlier.found import filled
from accord.part import Spec, part


class Linear(Spec):
    """Logistic regression on columns of equal deviation; ridge regression for numbers."""

    kind: Literal["linear"] = "linear"
    strength: float | None = Field(default=None, gt=0)
    """Of the penalty on the weights (1 / C); by default that of 1, 10, ... 10000 which serves a
    fifth of the rows best. Where labels are wrong, much is needed."""


STRENGTHS = (1.0, 10.0, 100.0, 1000.0, 10_000.0)


@part("label-model", Linear)
def linear(spec: Linear, examples: Examples, seed: int) -> Predict:
    """By scikit-learn; missing values are the medians of what is learned from."""
    known = filled(examples.features)
    middle, spread = known.mean(axis=0), known.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    medians = np.median(known, axis=0)

    def scaled(features: Features) -> Features:
        return (np.where(np.isnan(features), medians, features) - middle) / spread

    values = scaled(examples.features)
    strength = spec.strength or _chosen(values, examples, seed)
    model = _fitted(values, examples.targets, examples.classes, strength)

    def predict(features: Features) -> Answers:
        values = scaled(features)
        found = model.predict_proba(values) if examples.classes else model.predict(values)
        return np.asarray(found, dtype=np.float64)

    return predict


def _chosen(values: Features, examples: Examples, seed: int) -> float:
    """The strength with the least loss on a fifth of the rows that is not learned from."""
    from sklearn.metrics import log_loss

    targets, classes = examples.targets, examples.classes
    codes = targets.astype(np.int64) if classes else np.zeros(len(targets), dtype=np.int64)
    held = assign_folds(codes, 5, seed, None) == 0
    if classes and len(np.unique(codes[~held])) < classes:
        return 1.0
    losses: list[float] = []
    for strength in STRENGTHS:
        model = _fitted(values[~held], targets[~held], classes, strength)
        if classes:
            chances = model.predict_proba(values[held])
            losses.append(float(log_loss(targets[held], chances, labels=np.arange(classes))))
        else:
            # The middle half only: wrong numbers must not choose.
            away = np.sort(np.abs(model.predict(values[held]) - targets[held]))
            losses.append(float(away[: len(away) // 2 + 1].mean()))
    return STRENGTHS[int(np.argmin(losses))]


def _fitted(values: Features, targets: Any, classes: int, strength: float) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    model: Any = Ridge(alpha=strength)
    if classes:
        # Lightly converged is enough: probabilities are compared, weights are not read.
        model = LogisticRegression(C=1 / strength, max_iter=100, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of not having converged
        return model.fit(values, targets)
