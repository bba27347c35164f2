"""The bound of one run: known figures, and no more false alarms than its confidence allows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.audit.one_run import Guessed, bound_of, epsilon_of, guessed, p_value
from accord.audit.verdict import judged


def test_the_formula_without_delta() -> None:
    # All r guesses right: (e^eps / (1 + e^eps))^r, so the bound is where that is the doubt.
    share = 0.05 ** (1 / 100)
    found = epsilon_of(Guessed(100, 100, 1000), 0.0, 0.05)
    assert found == pytest.approx(math.log(share / (1 - share)), abs=1e-6)
    assert p_value(Guessed(100, 50, 1000), 0.0, 0.0) == pytest.approx(0.5398, abs=1e-4)


@given(st.integers(1, 300), st.floats(0, 1), st.floats(0, 1e-3), st.floats(0.001, 0.2))
@settings(max_examples=50, deadline=None)
def test_more_right_and_less_delta_show_more(
    guesses: int, share: float, delta: float, doubt: float
) -> None:
    right = round(share * guesses)
    one = Guessed(guesses, right, 1000)
    shown = epsilon_of(one, delta, doubt)
    assert epsilon_of(Guessed(guesses, guesses, 1000), delta, doubt) >= shown
    assert epsilon_of(one, 0.0, doubt) >= shown
    assert epsilon_of(one, delta, doubt / 2) <= shown


@pytest.mark.parametrize("epsilon", [0.5, 2.0])
def test_randomised_response_is_seldom_said_to_be_less_private(epsilon: float) -> None:
    draw, wrong, shown = np.random.default_rng(0), 0, list[float]()
    for _ in range(200):
        included = draw.random(500) < 0.5
        told = included ^ (draw.random(500) >= 1 / (1 + math.exp(-epsilon)))
        bound = bound_of(told + 1e-6 * draw.random(500), included, 0.0)
        wrong += bound.epsilon > epsilon
        shown.append(bound.epsilon)
    assert wrong <= 17  # 10 are allowed for; 18 happen once in a hundred times
    assert float(np.mean(shown)) > epsilon / 3


def test_guesses_are_of_the_surest() -> None:
    scores = np.array([0.9, 0.1, 0.5, 0.4, 0.95, 0.05])
    included = np.array([True, False, False, True, False, True])
    assert guessed(scores, included, 1 / 3) == Guessed(2, 0, 6)
    assert guessed(scores, included, 2 / 3) == Guessed(4, 2, 6)


def test_the_ceiling_is_what_perfect_guesses_show() -> None:
    included = np.random.default_rng(1).random(400) < 0.5
    perfect = bound_of(included.astype(float), included, 1e-6)
    nothing = bound_of(np.random.default_rng(2).random(400), included, 1e-6)
    assert nothing.epsilon < 0.5 < 3 < perfect.epsilon == perfect.ceiling
    assert judged(8.0, 1e-6, perfect).answer == "compatible"
    assert judged(1.0, 1e-6, perfect).answer == "contradicted"
    assert judged(None, None, perfect).answer == "no-claim"
    assert judged(1.0, 1e-6, None).answer == "untested"
    assert "only a gross mistake" in judged(8.0, 1e-6, perfect).why
