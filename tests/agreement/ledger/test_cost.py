"""What a plan would cost, and whether the ways that are offered lead out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accord.accounting import odometer
from accord.accounting.curve import step_curve
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.account import Cap
from accord.agreement.ledger.cost import cost, repeats_left, ways
from accord.agreement.ledger.filter import Balance, admit
from tests.agreement.ledger.ledgers import NOISE, OTHER, TRAIN, access, steps

USED = Balance(
    TRAIN,
    Cap(3.0, 1e-5, accesses=4, runs=2),
    charged=((NOISE, 1000),),
    spent=((NOISE, 1000),),
    curves={NOISE: step_curve(NOISE)},
    accesses=1,
    runs=1,
    favoured=7.0,
)


def test_a_plan_that_fits_is_priced_and_needs_no_way_out() -> None:
    found = cost(USED, [steps(500), steps(10, account=OTHER)])
    assert found.rule == "filter" and found.cap == 3.0
    assert found.before == pytest.approx(1.828244, abs=1e-5)
    assert found.epsilon == odometer.epsilon(((NOISE, 500),), 1e-5)
    assert found.before is not None and found.after is not None and found.epsilon is not None
    assert found.before < found.after < found.before + found.epsilon
    assert found.after < found.needed < 3.0
    assert (found.accesses_left, found.runs_left) == (3, 1)
    assert ways(USED, [steps(500)]) == ()


@pytest.mark.parametrize("balance", [USED, Balance(TRAIN, Cap(1.5, 1e-5))], ids=["used", "new"])
def test_every_way_out_is_one_and_is_no_longer_than_needed(balance: Balance) -> None:
    assert cost(balance, [steps(2000)]).rule is None
    found = {way.change: way for way in ways(balance, [steps(2000)])}
    assert set(found) == {"steps", "noise", "budget"}
    assert balance.cap.epsilon is not None
    for way in found.values():
        wider = replace(balance, cap=replace(balance.cap, epsilon=way.cap))
        assert admit(wider, way.plan).rule is not None
        assert 0 < way.epsilon <= way.cap
    ((_, fewer),) = found["steps"].plan
    assert admit(balance, ((NOISE, fewer + fewer // 50 + 1),)).rule is None
    ((louder, count),) = found["noise"].plan
    assert count == 2000 and louder.noise_multiplier > 1
    quieter = replace(louder, noise_multiplier=louder.noise_multiplier * 0.98)
    assert admit(balance, ((quieter, 2000),)).rule is None
    assert found["budget"].plan == ((NOISE, 2000),)
    tighter = replace(balance, cap=replace(balance.cap, epsilon=found["budget"].cap * 0.98))
    assert admit(tighter, ((NOISE, 2000),)).rule is None


def test_where_nothing_helps_nothing_is_offered() -> None:
    gone = replace(USED, unprotected=1)
    assert cost(gone, [steps(1)]).rule is None
    assert ways(gone, [steps(1)]) == ()
    assert ways(Balance(TRAIN, Cap()), [steps(10)]) == ()
    full = replace(USED, cap=Cap(1.9, 1e-5))
    assert {way.change for way in ways(full, [steps(500)])} <= {"noise", "budget"}


def test_several_mechanisms_are_changed_together() -> None:
    plan = [steps(1000), replace(steps(1, first=1000), mechanism=Mechanism(4.0, sampling="none"))]
    found = {way.change: way for way in ways(replace(USED, cap=Cap(2.4, 1e-5)), plan)}
    assert {m.sampling for m, _ in found["noise"].plan} == {"poisson", "none"}
    assert sum(n for _, n in found["steps"].plan) < 1001


def test_without_noise_there_is_no_epsilon_to_tell() -> None:
    found = cost(Balance(TRAIN, Cap(accesses=3)), [access()])
    assert (found.rule, found.epsilon, found.accesses_left) == ("uncapped", None, 3)


def test_how_often_a_plan_fits() -> None:
    times = repeats_left(USED, ((NOISE, 100),))
    assert admit(USED, ((NOISE, 100 * times),)).rule == "filter"
    assert admit(USED, ((NOISE, 100 * (times + 1)),)).rule is None
    assert repeats_left(USED, ((NOISE, 10**6),)) == 0
