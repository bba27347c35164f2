"""The tight figure: the privacy loss distribution of everything that was charged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from accord.accounting import distribution
from accord.accounting.accountant import accountants, dp_event
from accord.accounting.curve import Vector, plan_curve, surcharge
from accord.accounting.mechanism import Composition

INTERVAL = 1e-4
"""Of the grid of losses. Figures are pessimistic at any interval; at this one within 1e-3."""
COARSE = 1e-3
"""For searches, which `distribution` does, and for more than `MANY` different mechanisms: seconds
instead of minutes."""
MANY = 12
APART = 1.002
"""Figures that differ by more are those of different losses: `epsilon` and `distribution` are each
within a thousandth of the true one, and not below it."""
FINE_UP_TO = 20.0
"""Above this epsilon the grid widens in proportion, so that memory stays bounded."""
HOPELESS = 500.0
"""Above this epsilon the Renyi bound is told instead: nothing is protected any more."""


def epsilon(composition: Composition, delta: float, interval: float = INTERVAL) -> float:
    """The epsilon of mechanisms that were all fixed in advance, never below the true value.

    Privacy loss distributions by connecting the dots (Doroshenko, Ghazi, Kamath, Kumar and
    Manurangsi 2022). For mechanisms that were chosen one after the other, from earlier results, it
    is what they would have cost if fixed in advance: an odometer, by which nothing is admitted.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    if not composition:
        return 0.0
    rough = _rough(composition, delta)
    if rough > HOPELESS:
        return _renyi(composition, delta)
    if interval == COARSE and distribution.told(composition):
        return distribution.epsilon(composition, delta, error=COARSE)
    return float(_accountant(composition, _grid(composition, rough, interval)).get_epsilon(delta))


def forecast(composition: Composition, delta: float) -> float:
    """As `epsilon`, by `distribution` where it tells them: for what is only shown. Never below the
    true value either, and within a thousandth of it."""
    if distribution.told(composition):
        return distribution.epsilon(composition, delta)
    return epsilon(composition, delta)


def beside(composition: Composition, delta: float, bound: float, *, below: float = APART) -> float:
    """As `epsilon`, and on the same side of a bound; by `distribution` where that is clear.

    Args:
        below: So many times the forecast may be at most the bound to be told as it is.
    """
    if distribution.told(composition):
        found = distribution.epsilon(composition, delta)
        if found * below <= bound or found > bound * APART:
            return found
    return epsilon(composition, delta)


def delta_at(composition: Composition, epsilon: float) -> float:
    """The delta of mechanisms that were all fixed in advance, at an epsilon."""
    if not composition:
        return 0.0
    grid = _grid(composition, epsilon, INTERVAL)
    return float(_accountant(composition, grid).get_delta(epsilon))


def deltas_at(
    composition: Composition, epsilons: Sequence[float], interval: float = COARSE
) -> Vector:
    """The delta at each epsilon: never below the true values."""
    return np.asarray(_accountant(composition, interval).get_delta(np.array(epsilons)))


def _grid(composition: Composition, rough: float, interval: float) -> float:
    finest = interval if len(composition) <= MANY else max(interval, COARSE)
    return finest * max(rough / FINE_UP_TO, 1.0)


def _renyi(composition: Composition, delta: float) -> float:
    return float(np.min(plan_curve(composition) + surcharge(delta)))


def _rough(composition: Composition, delta: float) -> float:
    """About the epsilon, to choose the grid by: also where no Renyi bound is known."""
    return _renyi(
        tuple(
            (replace(m, relation="add-or-remove-one", noise_multiplier=m.noise_multiplier / 2), n)
            if m.relation == "replace-one"
            else (m, n)
            for m, n in composition
        ),
        delta,
    )


@lru_cache(maxsize=64)
def _accountant(composition: Composition, interval: float) -> Any:
    dp = accountants()
    relations = {
        "add-or-remove-one": dp.NeighboringRelation.ADD_OR_REMOVE_ONE,
        "replace-one": dp.NeighboringRelation.REPLACE_ONE,
        "replace-special": dp.NeighboringRelation.REPLACE_SPECIAL,
    }
    (relation,) = {mechanism.relation for mechanism, _ in composition}
    found = dp.pld.PLDAccountant(relations[relation], value_discretization_interval=interval)
    for mechanism, steps in composition:
        found.compose(dp_event(mechanism, mechanism.noise_multiplier), steps)
    return found
