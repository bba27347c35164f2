"""The least noise with which a run stays within an epsilon; never so little that it does not."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np

from accord.accounting import distribution, odometer
from accord.accounting.curve import plan_curve, surcharge
from accord.accounting.mechanism import Composition
from accord.accounting.unit import invalid

Accountant = Literal["pld", "rdp"]
"""`pld`: privacy loss distributions, the tight figure. `rdp`: Renyi divergences, looser."""
DIGITS = 4
"""Significant ones of the noise: more would only look exact."""
LEAST, MOST = 0.05, 1e5
TRIES = 60
SECANTS = 5


def delta_for(units: int) -> float:
    """The delta where none is named: 1/(10 N), to two digits, not larger.

    With delta, a mechanism may fail altogether; one that publishes a unit of N at random has a
    delta of 1/N, and is what has to be ruled out.
    """
    exact = 1 / (10 * units)
    unit = 10.0 ** (math.floor(math.log10(exact)) - 1)
    return float(f"{math.floor(exact / unit * (1 + 1e-12)) * unit:.2g}")


def forecast_of(plan: Composition, delta: float, accountant: Accountant = "pld") -> float:
    """As `epsilon_of`, in a tenth of the time and without dp-accounting: for what is only planned.
    It is never below the true value either, and agrees to four digits."""
    if accountant == "rdp" or not distribution.told(plan):
        return epsilon_of(plan, delta, accountant)
    return distribution.epsilon(plan, delta)


def epsilon_of(plan: Composition, delta: float, accountant: Accountant = "pld") -> float:
    """The epsilon of a run that was fixed in advance; never below the true value.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    if accountant == "pld":
        return odometer.epsilon(plan, delta)
    return max(float(np.min(plan_curve(plan) + surcharge(delta))), 0.0) if plan else 0.0


def noise_for(
    epsilon: float,
    delta: float,
    plan_with: Callable[[float], Composition],
    accountant: Accountant = "pld",
    *,
    proven: bool = True,
) -> float:
    """The smallest noise multiplier, to four digits, whose epsilon is at most the target.

    The Renyi bound gives a noise that surely suffices; from there it is narrowed down by
    distributions on a coarse grid, then on a fine one, which are pessimistic too. One look of
    dp-accounting confirms it.

    Args:
        plan_with: The run with a noise multiplier; one unit more or less makes neighbours.
        proven: Ask dp-accounting in the end, as whatever is charged or promised needs. A plan does
            without: it takes two seconds to be imported.

    Raises:
        RecipeError: No noise is large enough.
        MissingExtra: dp-accounting is not installed.
    """

    def renyi(sigma: float) -> float:
        return epsilon_of(plan_with(sigma), delta, "rdp")

    def coarse(sigma: float) -> float:
        return distribution.epsilon(plan_with(sigma), delta, 1e-3 * min(epsilon, 1.0))

    def fine(sigma: float) -> float:
        return distribution.epsilon(plan_with(sigma), delta)

    assert distribution.told(plan_with(1.0)), "other neighbours are not calibrated for"
    if renyi(MOST) > epsilon:
        raise invalid("privacy.epsilon", epsilon, f"more than {renyi(MOST):.2g}: no noise gives it")
    enough = _least(renyi, epsilon, (LEAST, MOST), 1e-4 if accountant == "rdp" else 2e-2)
    if accountant == "pld":
        # The distribution's epsilon falls with the noise about as the Renyi bound does.
        slope = _slope(renyi, enough)
        rough = _least(coarse, epsilon, (enough / 4, enough), 5e-3, slope)
        enough = _least(fine, epsilon, (rough * 0.95, rough * 1.001), 5e-5, slope)
    found = _up(enough)
    while proven and epsilon_of(plan_with(found), delta, accountant) > epsilon:
        found = _up(found * (1 + 10.0**-DIGITS))
    return found


def _least(
    measure: Callable[[float], float],
    target: float,
    ends: tuple[float, float],
    precision: float,
    slope: float | None = None,
) -> float:
    """A noise that meets the target, within a relative precision of the least that does.

    The logarithm of epsilon is nearly linear in that of the noise: from the upper end its tangent
    leads to where the target is met by half the precision, then the secants do. Where that does
    not end soon, what was seen narrows a search down that always ends.

    Args:
        measure: The epsilon of a noise.
        ends: Of which the upper one is thought to meet the target.
        slope: Of the logarithms, if known; None: there is no tangent to begin with.
    """
    low, high = ends
    seen: dict[float, float] = {}
    noise = high
    tangent = -1.0 if slope is None else slope
    for _ in range(0 if slope is None else SECANTS):
        seen[noise] = measure(noise)
        if not 0 < seen[noise] < math.inf:
            break
        if len(seen) > 1:
            tangent = _between(seen, tangent)
        # A tenth more than the slope says still counts as within the precision.
        if target * (1 + 0.9 * precision * tangent) <= seen[noise] <= target:
            return noise
        noise *= (seen[noise] / target) ** (-1 / tangent) * (1 + precision / 2)
        if not low <= noise <= 2 * high or noise in seen:
            break
    while measure(high) > target:
        high *= 1.1
    met = [n for n, found in seen.items() if found <= target]
    missed = [n for n, found in seen.items() if found > target and n < min(met, default=high)]
    return _narrowed(measure, target, max([low, *missed]), min([high, *met]), precision)


def _slope(measure: Callable[[float], float], noise: float) -> float:
    """Of the logarithm of epsilon in that of the noise."""
    here, there = measure(noise), measure(noise * 0.95)
    if not 0 < here < there < math.inf:
        return -1.0
    return math.log(here / there) / math.log(1 / 0.95)


def _between(seen: Mapping[float, float], slope: float) -> float:
    """The slope between the last two that were seen, if it is one to go by."""
    (before, was), (now, found) = list(seen.items())[-2:]
    steep = math.log(found / was) / math.log(now / before)
    return steep if slope * 4 < steep < slope / 4 else slope


def _narrowed(
    measure: Callable[[float], float], target: float, low: float, high: float, precision: float
) -> float:
    """As `_least`, for any measure that falls; `high` meets the target: the secant is tried first,
    and halving wherever it does not help."""
    if measure(low) <= target:
        return low
    at_low, at_high = measure(low), measure(high)
    for attempt in range(TRIES):
        if high / low - 1 <= precision:
            break
        middle = math.sqrt(low * high)
        if attempt % 3 < 2 and math.isfinite(at_low) and 0 < at_high < at_low:
            share = math.log(at_low / target) / math.log(at_low / at_high)
            secant = low * (high / low) ** share
            # A little beyond it, to either side in turn, so that both ends close in.
            secant *= 1 + precision * (0.3 if attempt % 3 == 0 else -0.3)
            middle = min(max(secant, low * (1 + precision / 8)), high / (1 + precision / 8))
        found = measure(middle)
        if found <= target:
            high, at_high = middle, found
        else:
            low, at_low = middle, found
    return high


def _up(value: float) -> float:
    unit = 10.0 ** (math.floor(math.log10(value)) - DIGITS + 1)
    return round(math.ceil(value / unit - 1e-9) * unit, 12)


__all__ = ["Accountant", "delta_for", "epsilon_of", "forecast_of", "noise_for"]
