"""What is admitted, and what the division of delta costs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from accord.accounting import odometer
from accord.accounting.curve import ORDERS, budgets, filter_epsilon, shares, step_curve
from accord.accounting.mechanism import Composition, Mechanism
from accord.agreement.ledger.account import Cap
from accord.agreement.ledger.filter import Balance, admit, used
from tests.agreement.ledger.ledgers import NOISE, TRAIN


def after(plan: Composition, cap: Cap, favoured: float | None, alone: Composition = ()) -> Balance:
    curves = {mechanism: step_curve(mechanism) for mechanism, _ in plan}
    return Balance(TRAIN, cap, charged=plan, curves=curves, favoured=favoured, alone=alone)


def empty(epsilon: float, delta: float) -> Balance:
    return Balance(TRAIN, Cap(epsilon, delta))


def test_the_shares_of_delta_add_up_to_it() -> None:
    for order in ORDERS:
        assert shares(order).sum() == pytest.approx(1.0)
        assert shares(order).max() == shares(order)[ORDERS.index(order)] == 0.9


def test_a_cap_is_exactly_what_the_filter_needs() -> None:
    curve = np.array(step_curve(NOISE)) * 1000
    for order in ORDERS:
        needed = filter_epsilon(curve, 1e-5, order)
        assert np.any(curve <= budgets(needed * (1 + 1e-12), 1e-5, order))
        assert not np.any(curve <= budgets(needed * (1 - 1e-9), 1e-5, order))


def test_twenty_runs_cost_a_tenth_more_than_all_at_once() -> None:
    """Adding epsilons would cost 6.4 times as much."""
    joint = odometer.epsilon(((NOISE, 20 * 300),), 1e-6)
    assert joint == pytest.approx(5.22, abs=0.01)
    balance = empty(1.10 * joint, 1e-6)
    for run in range(20):
        admission = admit(balance, ((NOISE, 300),))
        assert admission.rule == "filter", f"run {run}"
        balance = after(((NOISE, 300 * (run + 1)),), balance.cap, admission.favoured)
    assert admit(balance, ((NOISE, 600),)).rule is None


def test_no_order_is_chosen_after_something_was_seen() -> None:
    balance = after(((NOISE, 300),), Cap(3.0, 1e-5), favoured=7.0)
    assert admit(balance, ((Mechanism(20.0, 0.5), 10),)).favoured == 7.0


def test_a_plan_that_is_alone_counts_exactly() -> None:
    exact = odometer.epsilon(((NOISE, 1000),), 1e-5)
    assert admit(empty(exact, 1e-5), ((NOISE, 1000),)).rule == "plan"
    assert admit(empty(exact - 1e-3, 1e-5), ((NOISE, 1000),)).rule is None
    halves = after(((NOISE, 500),), Cap(exact, 1e-5), favoured=7.0)
    assert admit(halves, ((NOISE, 500),)).rule is None, "the second was chosen after the first"


def test_what_a_plan_alone_may_use_of_delta_is_not_given_twice() -> None:
    cap = Cap(2.2, 1e-5)
    plan = ((NOISE, 1000),)
    begun = after(((NOISE, 10),), cap, favoured=7.0)
    ordinary = admit(begun, ((NOISE, 600),))
    aside = admit(replace(begun, alone=plan), ((NOISE, 600),))
    spent_at_cap = odometer.delta_at(plan, 2.2)
    assert 0 < spent_at_cap < 1e-5
    assert aside.needed > ordinary.needed
    exhausted = replace(begun, cap=Cap(odometer.epsilon(plan, 1e-5), 1e-5), alone=plan)
    assert admit(exhausted, ((NOISE, 1),)).rule is None


def test_without_a_cap_all_is_admitted_and_the_order_is_chosen_all_the_same() -> None:
    admission = admit(Balance(TRAIN, Cap()), ((NOISE, 10**9),))
    assert admission.rule == "uncapped" and admission.favoured in ORDERS


def test_what_was_used_without_noise_has_used_up_every_cap() -> None:
    balance = Balance(TRAIN, Cap(1e6, 1e-5), unprotected=1)
    admission = admit(balance, ((NOISE, 1),))
    assert admission.rule is None and admission.needed == math.inf


def test_a_mechanism_without_a_renyi_bound_fits_only_alone() -> None:
    sampled = Mechanism(2.0, 0.01, relation="replace-one")
    cap = Cap(3.0, 1e-5, relation="replace-one")
    first = admit(Balance(TRAIN, cap), ((sampled, 100),))
    assert first.rule == "plan"
    second = admit(after(((sampled, 100),), cap, first.favoured), ((sampled, 1),))
    assert second.rule is None and second.needed == math.inf


def test_the_share_that_is_used_grows_evenly_and_is_full_when_nothing_fits() -> None:
    cap = Cap(3.0, 1e-5)
    balances = [after(((NOISE, 300 * runs),), cap, favoured=7.5) for runs in range(1, 8)]
    shares_used = [used(balance) for balance in balances]
    one = shares_used[0]
    assert one is not None and shares_used == pytest.approx([one * n for n in range(1, 8)])
    assert used(Balance(TRAIN, cap)) == 0.0 and used(Balance(TRAIN, Cap())) is None
    full = next(n for n in range(1, 10**5) if admit(balances[0], ((NOISE, n),)).rule is None)
    edge = used(after(((NOISE, 300 + full),), cap, favoured=7.5))
    assert edge is not None and 1.0 < edge < 1.001
    exact = Cap(odometer.epsilon(((NOISE, 1000),), 1e-5), 1e-5)
    alone = used(after(((NOISE, 1000),), exact, 7.5, alone=((NOISE, 1000),)))
    assert alone is not None and alone >= 1.0
