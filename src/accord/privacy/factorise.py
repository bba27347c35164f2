"""The banded Toeplitz matrix whose noise hurts the trained weights least."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.part import require

Vector = npt.NDArray[np.float64]
DIGITS = 6
"""Of the coefficients: the same on every machine."""


@lru_cache(maxsize=16)
def banded_column(bands: int, steps: int, momentum: float = 0.0) -> tuple[float, ...]:
    """First column of C, of length 1, that makes the mean squared error of the weights smallest.

    With SGD of that momentum the weights are sums `A G` of the gradients; what noise does to them
    is `A C^-1 Z`. From the first terms of the square root of A (Fichtenberger, Henzinger and
    Upadhyay, 2022) by L-BFGS, as McKenna (2024) does. [bands]
    """
    if bands == 1:
        return (1.0,)
    optimize: Any = require("scipy.optimize", "privacy", "banded noise")
    # The search may look beyond where 1/c converges, and turns round there.
    with np.errstate(over="ignore", invalid="ignore"):
        found = optimize.minimize(
            lambda rest: _error(rest, steps, momentum),
            square_root(bands)[1:],
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 500},
        )
    column = np.round(np.concatenate([[1.0], found.x]), DIGITS)
    return tuple((column / np.sqrt((column**2).sum())).tolist())


def square_root(bands: int) -> Vector:
    """First coefficients of `(1 - x)^(-1/2)`. [bands]"""
    ratios = 1 - 0.5 / np.arange(1, bands)
    return np.concatenate([[1.0], np.cumprod(ratios)])


def mean_error(column: Vector, steps: int, momentum: float = 0.0) -> float:
    """Mean squared error of the weights over the steps, for noise of deviation 1 on each value of
    `C G`, and a C of that first column whose length it is relative to."""
    scaled = np.asarray(column) / column[0]
    return _error(scaled[1:], steps, momentum)[0]


def _error(rest: Vector, steps: int, momentum: float) -> tuple[float, Vector]:
    """`|c|^2 |A C^-1|^2 / steps` for c = (1, rest), and its gradient by rest."""
    signal: Any = require("scipy.signal", "privacy", "banded noise")
    column = np.concatenate([[1.0], rest])
    # Toeplitz matrices multiply as power series do, and 1/c is a filter with feedback.
    workload = (1 - momentum ** np.arange(1, steps + 1)) / (1 - momentum)
    product = signal.lfilter([1.0], column, workload)
    weights = np.arange(steps, 0, -1) / steps
    length, error = (column**2).sum(), (weights * product**2).sum()
    further = signal.lfilter([1.0], column, product)
    slope = np.array(
        [
            -2 * (weights[at:] * product[at:] * further[: steps - at]).sum()
            for at in range(1, len(column))
        ]
    )
    return float(length * error), 2 * rest * error + length * slope
