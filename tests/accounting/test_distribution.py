"""What plans are told is what dp-accounting says, and never less than the truth."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from dp_accounting import GaussianDpEvent, PoissonSampledDpEvent
from dp_accounting.pld import privacy_loss_distribution as pld
from dp_accounting.rdp import RdpAccountant
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.accounting import distribution, odometer
from accord.accounting.mechanism import Composition, Mechanism
from accord.accounting.renyi import divergence

PUBLISHED = [
    (0.01, 1.0, 1000, 1e-5, 1.828237),
    (0.04, 1.5, 2250, 1e-5, 6.768781),
    (256 / 60000, 1.1, 14062, 1e-5, 2.381598),
    (0.001, 0.8, 10000, 1e-6, 0.947197),
    (2048 / 67349, 1.0, 99, 1 / (2 * 67349), 2.194335),
    (1.0, 10.0, 100, 1e-5, 4.377178),
    (0.01, 4.0, 10000, 1e-5, 0.946872),
    (1000 / 392702, 0.7, 1000, 1e-6, 1.981135),
]
"""Sampling, noise, steps, delta; and the epsilon of a grid ten times as fine, from above."""


@pytest.mark.parametrize(("q", "sigma", "steps", "delta", "fine"), PUBLISHED)
def test_epsilon_is_within_a_thousandth_and_not_below(
    q: float, sigma: float, steps: int, delta: float, fine: float
) -> None:
    found = distribution.epsilon(((Mechanism(sigma, q), steps),), delta)
    assert fine - 1e-6 <= found <= fine + 1e-3


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0.4, 20.0),
    st.one_of(st.just(1.0), st.floats(1e-4, 0.9)),
    st.integers(1, 500),
    st.sampled_from((1e-4, 1e-6, 1e-8)),
)
def test_epsilon_is_not_below_the_optimistic_one(
    sigma: float, q: float, steps: int, delta: float
) -> None:
    found = distribution.epsilon(((Mechanism(sigma, q), steps),), delta)
    below = pld.from_gaussian_mechanism(
        sigma,
        sampling_prob=q,
        pessimistic_estimate=False,
        value_discretization_interval=1e-3,
    ).self_compose(steps)
    assert found >= below.get_epsilon_for_delta(delta) - 1e-9


def test_several_mechanisms_are_composed() -> None:
    several: Composition = (
        (Mechanism(0.9, 0.01), 500),
        (Mechanism(1.5, 0.04), 100),
        (Mechanism(4.0), 10),
    )
    found = distribution.epsilon(several, 1e-5)
    assert found == pytest.approx(odometer.epsilon(several, 1e-5), abs=1e-4)


@pytest.mark.parametrize(("sigma", "q"), [(0.5, 0.3), (1.0, 0.01), (1.8, 0.064), (0.1, 1e-6)])
def test_renyi_divergence_at_whole_orders(sigma: float, q: float) -> None:
    """There dp-accounting has a finite sum; between them its series may stop early, from above."""
    orders = [2.0, 3.0, 7.0, 12.0, 64.0, 256.0]
    event = PoissonSampledDpEvent(q, GaussianDpEvent(sigma))
    for order, known in zip(orders, RdpAccountant(orders).compose(event).rdp, strict=True):
        assert divergence(sigma, q, order) == pytest.approx(float(known), rel=1e-8)


def test_renyi_divergence_between_whole_orders() -> None:
    """Rises with the order, is convex where multiplied by order - 1, and small ones keep digits."""
    scaled = [(a - 1) * divergence(1.3, 0.05, a) for a in (1.5, 2.0, 2.5)]
    assert scaled[0] + scaled[2] >= 2 * scaled[1]
    # Of second order for much noise: a (a - 1) q^2 (exp(1/s^2) - 1) / 2.
    expected = 1.25 * 1e-10 * math.expm1(1e-6) / 2
    assert divergence(1000.0, 1e-5, 1.25) == pytest.approx(expected, rel=1e-4)


def test_a_forecast_imports_no_dp_accounting() -> None:
    code = (
        "import sys; from accord.accounting.calibrate import noise_for; "
        "from accord.accounting.mechanism import Mechanism; "
        "print(noise_for(3.0, 1e-5, lambda s: ((Mechanism(s, 0.064), 320),), proven=False), "
        "'dp_accounting' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1.813", "False"]
