"""Renyi curves: what a step costs at each order, and what each order may cost in total."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from accord.accounting.mechanism import Composition, Mechanism
from accord.accounting.renyi import divergence

Curve = tuple[float, ...]
"""Renyi divergence at each of `ORDERS`; infinite where no bound is known."""
Vector = NDArray[np.float64]

ORDERS: tuple[float, ...] = (
    *(number / 4 for number in range(5, 49)),  # 1.25, 1.5, ... 12: where sampling bends the curve
    *(13.0, 14.0, 16.0, 18.0, 20.0, 22.0, 25.0, 28.0, 32.0, 36.0, 40.0, 48.0, 56.0, 64.0, 80.0),
    *(96.0, 128.0, 192.0, 256.0, 512.0, 1024.0),
)
"""One set for every ledger of this format: a curve is worth nothing without its orders."""
ALPHA: Vector = np.array(ORDERS)
FAVOURED = 0.9
"""Share of delta that the favoured order has; the others divide the rest: see `filter`."""


@lru_cache(maxsize=4096)
def step_curve(mechanism: Mechanism) -> Curve:
    """The Renyi curve of one step (Mironov, Talwar and Zhang 2019).

    Sampling under `replace-one` has no bound that is known here: infinite at every order.
    """
    if mechanism.relation == "replace-one" and mechanism.sampling_probability < 1:
        return (float("inf"),) * len(ORDERS)
    # Replacing a unit moves a sum by two norms.
    sensitivity = 2.0 if mechanism.relation == "replace-one" else 1.0
    noise = mechanism.noise_multiplier / sensitivity
    return tuple(divergence(noise, mechanism.sampling_probability, order) for order in ORDERS)


def total_curve(parts: Iterable[tuple[Curve, int]]) -> Vector:
    """The curve of many steps: Renyi divergences add up, also when chosen adaptively."""
    total = np.zeros(len(ORDERS))
    for curve, steps in parts:
        total = total + np.array(curve) * steps
    return total


def plan_curve(plan: Composition) -> Vector:
    """The curve of a plan's steps."""
    return total_curve((step_curve(mechanism), steps) for mechanism, steps in plan)


def shares(favoured: float) -> Vector:
    """How delta is divided between the orders."""
    found = np.full(len(ORDERS), (1 - FAVOURED) / (len(ORDERS) - 1))
    found[ORDERS.index(favoured)] = FAVOURED
    return found


def surcharge(delta: float | Vector) -> Vector:
    """What turns a Renyi divergence into an epsilon at each order, for a delta of each.

    Canonne, Kamath and Steinke 2020, proposition 12.
    """
    return np.log1p(-1 / ALPHA) - np.log(delta * ALPHA) / (ALPHA - 1)


def budgets(epsilon: float, delta: float, favoured: float) -> Vector:
    """The largest divergence that each order may reach; negative where it may reach none."""
    return epsilon - surcharge(delta * shares(favoured))


def filter_epsilon(curve: Vector, delta: float, favoured: float) -> float:
    """The smallest cap under which the filter admits a curve: never below 0."""
    if delta <= 0:
        return float("inf") if curve.any() else 0.0
    return max(float(np.min(curve + surcharge(delta * shares(favoured)))), 0.0)


def favourite(curve: Vector, epsilon: float | None, delta: float) -> float:
    """The order at which a plan fits most often under a cap; without one, the tightest order.

    It is chosen from the plan and the cap alone, before any of the data are seen.
    """
    extra = surcharge(delta * FAVOURED)
    if epsilon is not None and np.any((room := epsilon - extra) > 0):
        return ORDERS[int(np.argmax(room / np.maximum(curve, 1e-300)))]
    return ORDERS[int(np.argmin(curve + extra))]
