"""Figures against published ones, a closed form, and each other. Never below the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import log_ndtr

from accord.accounting import odometer
from accord.accounting.curve import ALPHA, ORDERS, plan_curve, step_curve, surcharge
from accord.accounting.mechanism import Mechanism, composed
from accord.errors import RecipeError

# q, sigma, steps, delta, PLD at 1e-4, PLD at 1e-5 or finer (an upper value too), Renyi
TABLE = [
    (0.01, 1.0, 1000, 1e-5, 1.828244, 1.828237, 2.101367),
    (0.04, 1.5, 2250, 1e-5, 6.768787, 6.768781, 7.329335),
    (256 / 60000, 1.1, 14062, 1e-5, 2.381686, 2.381598, 2.596556),
    (0.001, 0.8, 10000, 1e-6, 0.947324, 0.947197, 1.703625),
    (2048 / 67349, 1.0, 99, 1 / (2 * 67349), 2.194336, 2.194335, 2.628799),
    (1.0, 10.0, 100, 1e-5, 4.377179, 4.377178, 4.728507),
    (0.01, 4.0, 10000, 1e-5, 0.946999, 0.946872, 1.035490),
    (1000 / 392702, 0.7, 1000, 1e-6, 1.981140, 1.981135, 2.776990),
]


@pytest.mark.parametrize(("q", "sigma", "count", "delta", "loose", "tight", "renyi"), TABLE)
def test_the_table(
    q: float, sigma: float, count: int, delta: float, loose: float, tight: float, renyi: float
) -> None:
    plan = ((Mechanism(sigma, q), count),)
    found = odometer.epsilon(plan, delta)
    assert tight - 1e-6 <= found <= tight + 1e-3
    assert found == pytest.approx(loose, abs=2e-6)
    bound = float(np.min(plan_curve(plan) + surcharge(delta)))
    assert renyi - 1e-5 <= bound <= renyi * 1.005, "fewer orders, but near the best one"
    assert odometer.delta_at(plan, found) <= delta * (1 + 1e-6)


def gaussian_delta(mu: float, epsilon: float) -> float:
    """Balle and Wang 2018, theorem 8, for a Gaussian mechanism of mean over deviation mu."""
    first, second = log_ndtr(mu / 2 - epsilon / mu), epsilon + log_ndtr(-mu / 2 - epsilon / mu)
    return math.exp(first) - math.exp(second)


def gaussian_epsilon(mu: float, delta: float) -> float:
    return brentq(lambda epsilon: gaussian_delta(mu, epsilon) - delta, 0, 1000, xtol=1e-10)


@pytest.mark.parametrize(
    ("sigma", "count", "delta"), [(10, 100, 1e-5), (2, 3, 1e-6), (50, 9, 1e-4)]
)
def test_without_sampling_there_is_a_closed_form(sigma: float, count: int, delta: float) -> None:
    truth = gaussian_epsilon(math.sqrt(count) / sigma, delta)
    found = odometer.epsilon(((Mechanism(sigma, sampling="none"), count),), delta)
    assert truth <= found <= truth + 1e-3


@pytest.mark.parametrize(("sigma", "count"), [(4.0, 3), (20.0, 100)])
def test_replacing_one_moves_the_sum_twice_as_far(sigma: float, count: int) -> None:
    """The two accountants of dp-accounting mean different noise by one name; ours mean one."""
    mechanism = Mechanism(sigma, sampling="none", relation="replace-one")
    truth = gaussian_epsilon(2 * math.sqrt(count) / sigma, 1e-5)
    assert truth <= odometer.epsilon(((mechanism, count),), 1e-5) <= truth + 1e-3
    mu = 2 / sigma
    assert np.allclose(step_curve(mechanism), ALPHA * mu**2 / 2)


def test_what_has_no_renyi_bound_costs_infinitely_much_at_every_order() -> None:
    sampled = Mechanism(2.0, 0.01, relation="replace-one")
    assert step_curve(sampled) == (math.inf,) * len(ORDERS)
    near = odometer.epsilon(((Mechanism(2.0, 0.01), 100),), 1e-5)
    far = odometer.epsilon(((Mechanism(1.0, 0.01), 100),), 1e-5)
    assert near < odometer.epsilon(((sampled, 100),), 1e-5) < far


def test_different_mechanisms_are_composed_not_added() -> None:
    one, two = (Mechanism(1.0, 0.01), 500), (Mechanism(1.5, 0.04), 200)
    both = odometer.epsilon(composed((one, two)), 1e-5)
    alone = [odometer.epsilon((part,), 1e-5) for part in (one, two)]
    assert max(alone) < both < sum(alone)
    halves = odometer.epsilon(composed((one, two, (one[0], 0))), 1e-5)
    assert halves == both


def test_nothing_costs_nothing_and_little_noise_costs_bounded_memory() -> None:
    assert odometer.epsilon((), 1e-5) == 0 == odometer.delta_at((), 1.0)
    assert odometer.epsilon(((Mechanism(0.05, 0.5), 10_000),), 1e-5) > 500
    assert 20 < odometer.epsilon(((Mechanism(1.0, 0.1), 5000),), 1e-5) < 80


@pytest.mark.parametrize(
    "values",
    [
        {"noise_multiplier": 0.0},
        {"noise_multiplier": math.nan},
        {"noise_multiplier": 1.0, "sampling_probability": 0.0},
        {"noise_multiplier": 1.0, "sampling_probability": 1.5},
        {"noise_multiplier": 1.0, "sampling_probability": 0.5, "sampling": "none"},
        {"noise_multiplier": 1.0, "sampling": "shuffle"},
        {"noise_multiplier": 1.0, "relation": "same"},
    ],
)
def test_what_is_no_mechanism(values: dict[str, object]) -> None:
    with pytest.raises(RecipeError) as caught:
        Mechanism(**values)  # pyright: ignore[reportArgumentType]
    assert caught.value.code == "budget-value"
