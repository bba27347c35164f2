"""The noise that is found suffices, and hardly less would."""

from __future__ import annotations

import pytest

from accord.accounting.calibrate import Accountant, delta_for, epsilon_of, noise_for
from accord.accounting.mechanism import Composition, Mechanism
from accord.errors import RecipeError


def plan(noise: float) -> Composition:
    return ((Mechanism(noise, 0.04), 2250),)


@pytest.mark.parametrize(("accountant", "published"), [("pld", 1.34765625), ("rdp", 1.416)])
def test_noise_of_a_published_search(accountant: Accountant, published: float) -> None:
    """Opacus, `accountants_test.py`: epsilon 8, q 0.04, 90 epochs; its own search stops early."""
    found = noise_for(8.0, 1e-5, plan, accountant)
    assert found == pytest.approx(published, rel=2e-3)
    assert epsilon_of(plan(found), 1e-5, accountant) <= 8.0
    assert epsilon_of(plan(found * 0.998), 1e-5, accountant) > 8.0


def test_no_noise_gives_what_is_out_of_reach() -> None:
    with pytest.raises(RecipeError, match="not a privacy budget"):
        noise_for(1e-6, 1e-9, lambda noise: ((Mechanism(noise), 10**6),))


def test_delta_stays_below_a_tenth_of_a_unit() -> None:
    for units in (1, 7, 999, 25_000, 67_349, 123_456_789):
        assert 0.9 / (10 * units) < delta_for(units) <= 1 / (10 * units)
