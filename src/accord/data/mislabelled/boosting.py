"""Gradient boosting of trees on binned columns."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from accord.data.mislabelled.predictor import Answers, Examples, Features, Predict
from accord.part import Spec, part


class Boosting(Spec):
    """Histogram gradient boosting; takes columns that go together in crooked ways, and missing
    values, as they are. Slow on embeddings."""

    kind: Literal["boosting"] = "boosting"
    trees: int = Field(default=100, ge=1)
    learning_rate: float = Field(default=0.1, gt=0)
    leaves: int = Field(default=15, ge=2)
    """Of a tree, at most."""


@part("label-model", Boosting)
def boosting(spec: Boosting, examples: Examples, seed: int) -> Predict:
    """By scikit-learn, without early stopping."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    # Any: their annotations name the defaults only.
    kind: Any = (
        HistGradientBoostingClassifier if examples.classes else HistGradientBoostingRegressor
    )
    model: Any = kind(
        max_iter=spec.trees,
        learning_rate=spec.learning_rate,
        max_leaf_nodes=spec.leaves,
        early_stopping=False,
        random_state=seed,
    )
    model.fit(examples.features, examples.targets)

    def predict(features: Features) -> Answers:
        found = model.predict_proba(features) if examples.classes else model.predict(features)
        return np.asarray(found, dtype=np.float64)

    return predict
