"""What a part of slot `label-model` is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Features = npt.NDArray[np.float64]
"""Rows as numbers [n, d]; NaN where missing."""
Answers = npt.NDArray[np.float64]
Predict = Callable[[Features], Answers]
"""Probabilities [n, classes] of further rows, or their numbers [n]."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What a predictor learns from.

    A part is a function `(spec, examples, seed) -> Predict`. Every class from 0 to `classes` - 1
    has an example.

    Args:
        features: Shape [n, d].
        targets: Class ids (int64) or numbers (float64). Shape [n].
        classes: How many; 0 where numbers are predicted.
    """

    features: Features
    targets: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    classes: int
