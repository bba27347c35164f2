"""Predictions of every row by a predictor that has not learned from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from accord.data.mislabelled.predictor import Answers, Examples, Features, Predict


def crossed(
    features: Features,
    targets: npt.NDArray[np.int64] | npt.NDArray[np.float64],
    classes: int,
    folds: npt.NDArray[np.int64],
    learn: Callable[[Examples], Predict],
) -> Answers:
    """Out-of-sample predictions: probabilities [n, classes], or numbers [n].

    A class that has no row outside of a fold has probability 0 in it.

    Args:
        folds: The fold of each row. Shape [n].
        learn: Makes a predictor.
    """
    found = np.zeros((len(targets), classes) if classes else len(targets))
    for fold in np.unique(folds).tolist():
        inside, outside = folds == fold, folds != fold
        if not classes:
            found[inside] = learn(Examples(features[outside], targets[outside], 0))(
                features[inside]
            )
            continue
        present, ids = np.unique(targets[outside], return_inverse=True)
        if len(present) == 1:
            found[np.ix_(inside, present.astype(np.int64))] = 1.0
            continue
        predict = learn(Examples(features[outside], ids.astype(np.int64), len(present)))
        found[np.ix_(inside, present.astype(np.int64))] = predict(features[inside])
    return found
