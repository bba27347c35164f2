"""Renyi divergence of a Gaussian on a Poisson sample, at any order: one integral, by numpy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

WIDTH = 13.0
"""Standard deviations beyond which nothing is left of a Gaussian in double precision."""
SMALL = 1e-3
"""A logarithm below this is computed from what the expectation exceeds 1 by."""


def divergence(noise_multiplier: float, sampling_probability: float, order: float) -> float:
    """The divergence of one step, of one unit more or less (Mironov, Talwar and Zhang 2019).

    `1/(a - 1) log E_Q[(P/Q)^a]` with Q = N(0, s^2) and P = (1 - q) Q + q N(1, s^2); the other
    direction is never larger. The trapezoid rule on an analytic integrand converges faster than any
    power: its nearest singularity lies pi s^2 beside the real axis, by which the grid is chosen.
    """
    sigma, q = noise_multiplier, sampling_probability
    if q == 1:
        return order / (2 * sigma * sigma)
    x, spacing = _outcomes(sigma, order)
    exponent = (2 * x - 1) / (2 * sigma * sigma)
    density = -x * x / (2 * sigma * sigma) - math.log(sigma * math.sqrt(2 * math.pi) / spacing)
    raised = order * np.logaddexp(math.log1p(-q), math.log(q) + exponent) + density
    highest = float(raised.max())
    found = highest + math.log(float(np.exp(raised - highest).sum()))
    if found < SMALL:
        # With r = P/Q, whose mean is 1, it is the mean of r^a - 1 - a (r - 1) above 1: no digits
        # are lost to the 1. Far out, where r is large, the terms are added as they are.
        near = exponent < 1
        u = q * np.expm1(exponent[near])
        above = (np.expm1(order * np.log1p(u)) - order * u) * np.exp(density[near])
        far, rest = density[~near], order * q * np.exp(exponent[~near] + density[~near])
        beyond = np.exp(raised[~near]) - rest - (1 - order * q) * np.exp(far)
        found = math.log1p(max(float(above.sum() + beyond.sum()), 0.0))
    return max(found, 0.0) / (order - 1)


def _outcomes(sigma: float, order: float) -> tuple[NDArray[np.float64], float]:
    """Where the integrand is not zero: about 0 and about the order."""
    spacing = min(sigma / 8, sigma * sigma / 2)
    reach, centre = math.ceil(WIDTH * sigma / spacing), round(order / spacing)
    if centre <= 2 * reach:
        indices = np.arange(-reach, centre + reach + 1, dtype=np.float64)
    else:
        around = np.arange(-reach, reach + 1, dtype=np.float64)
        indices = np.concatenate((around, around + centre))
    return indices * spacing, spacing
