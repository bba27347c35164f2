"""What a plan would cost before anybody asks for it, and three ways to make it fit. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from accord.accounting import odometer
from accord.accounting.mechanism import Composition, composed
from accord.agreement.ledger.filter import Balance, Rule, Total, admit
from accord.agreement.ledger.lease import Charge
from accord.agreement.ledger.reservation import planned

NOISIEST = 1024.0
"""More times the noise than this is no way out."""
PRECISION = 0.005
"""Relative, of the steps and the noise that are suggested; what is suggested fits."""
ROUNDS = 20
"""How often a larger cap is tried: the favoured order moves with it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a plan costs on an account.

    Args:
        rule: By what it would be admitted; None: it is refused.
        epsilon: Of the plan by itself, at the cap's delta; None where there is no delta.
        before: Epsilon of all that was charged so far, as the odometer has it.
        after: The same with the plan.
        needed: The smallest cap under which the plan would be admitted.
        cap: The cap on epsilon.
        delta: The cap on delta.
        accesses_left: Before the plan; None: without limit.
        runs_left: The same.
    """

    rule: Rule | None
    epsilon: float | None
    before: float | None
    after: float | None
    needed: float
    cap: float | None
    delta: float | None
    accesses_left: int | None
    runs_left: int | None


@dataclass(frozen=True, slots=True)
class Way:
    """One change that makes a plan fit.

    Args:
        change: `steps`: fewer of them. `noise`: more of it. `budget`: a larger cap, from whoever
            holds the rights.
        plan: The plan after it.
        cap: The cap on epsilon after it.
        epsilon: Of all that would then be charged, as the odometer has it, up to 1.5 % too high:
            its grid is coarse here.
    """

    change: Literal["steps", "noise", "budget"]
    plan: Composition
    cap: float
    epsilon: float


def cost(balance: Balance, charges: Sequence[Charge], total: Total | None = None) -> Cost:
    """What charges would cost on an account, beside what stands there.

    Args:
        total: Tells the exact total of a plan, as of `admit`; other figures are forecast then.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    cap, plan = balance.cap, planned(c for c in charges if c.account == balance.account)
    admission = admit(balance, plan, total=total)
    delta, tell = cap.delta, odometer.forecast if total else odometer.epsilon
    before = None if delta is None else tell(balance.charged, delta)
    after = None if delta is None else tell(_with(balance, plan), delta)
    return Cost(
        admission.rule,
        None if delta is None else tell(plan, delta),
        before,
        after,
        admission.needed,
        cap.epsilon,
        delta,
        None if cap.accesses is None else max(cap.accesses - balance.accesses, 0),
        None if cap.runs is None else max(cap.runs - balance.runs, 0),
    )


def ways(
    balance: Balance, charges: Sequence[Charge], total: Total | None = None
) -> tuple[Way, ...]:
    """What would make charges fit that do not: fewer steps, more noise, a larger budget.

    A way that does not exist is left out: no step may fit, or no amount of noise suffice. Each
    that is named is admitted as it stands. Arguments as of `cost`.
    """
    cap, plan = balance.cap, planned(c for c in charges if c.account == balance.account)
    if cap.epsilon is None or cap.delta is None or admit(balance, plan, total=total).rule:
        return ()
    fewer, noisier = _fewer_steps(balance, plan), _more_noise(balance, plan)
    larger = _larger_budget(balance, plan)
    found = [
        _way(balance, "steps", fewer, cap.epsilon) if fewer else None,
        _way(balance, "noise", noisier, cap.epsilon) if noisier else None,
        _way(balance, "budget", plan, larger) if larger else None,
    ]
    return tuple(way for way in found if way is not None)


def repeats_left(balance: Balance, plan: Composition, most: int = 1_000_000) -> int:
    """How many times a plan as a whole still fits; at most `most`."""

    def times(count: int) -> Composition:
        return tuple((mechanism, steps * count) for mechanism, steps in plan)

    return _largest(most, lambda count: _fits(balance, times(count)))


def _fewer_steps(balance: Balance, plan: Composition) -> Composition:
    whole = sum(steps for _, steps in plan)

    def cut(steps: int) -> Composition:
        return composed((mechanism, n * steps // whole) for mechanism, n in plan)

    return cut(_largest(whole - 1, lambda steps: _fits(balance, cut(steps)), PRECISION))


def _more_noise(balance: Balance, plan: Composition) -> Composition:
    def louder(step: int) -> Composition:
        times = (1 + PRECISION) ** step
        noise = [(m, _rounded_up(m.noise_multiplier * times), n) for m, n in plan]
        return composed((replace(m, noise_multiplier=sigma), n) for m, sigma, n in noise)

    most = int(math.log(NOISIEST) / math.log(1 + PRECISION))
    quiet = _largest(most, lambda step: not _fits(balance, louder(step)))
    return louder(quiet + 1) if quiet < most else ()


def _larger_budget(balance: Balance, plan: Composition) -> float | None:
    """The smallest cap, to three digits, that admits a plan; it has its own favoured order."""
    needed = admit(balance, plan, odometer.COARSE).needed
    for _ in range(ROUNDS):
        if needed == float("inf"):
            return None
        wider = replace(balance, cap=replace(balance.cap, epsilon=_rounded_up(needed)))
        if _fits(wider, plan):
            return wider.cap.epsilon
        needed = max(needed * 1.01, admit(wider, plan, odometer.COARSE).needed)
    return None


def _way(
    balance: Balance, change: Literal["steps", "noise", "budget"], plan: Composition, cap: float
) -> Way:
    assert balance.cap.delta is not None
    told = odometer.epsilon(_with(balance, plan), balance.cap.delta, odometer.COARSE)
    return Way(change, plan, cap, min(told, cap))


def _with(balance: Balance, plan: Composition) -> Composition:
    return composed((*balance.charged, *plan))


def _fits(balance: Balance, plan: Composition) -> bool:
    return admit(balance, plan, odometer.COARSE).rule is not None


def _largest(most: int, holds: Callable[[int], bool], precision: float = 0.0) -> int:
    """A count up to `most` for which something holds that stops holding once: the largest, or one
    within a relative precision of it."""
    low, high = 0, 1
    while high <= most and holds(high):
        low, high = high, high * 2
    high = min(high, most + 1)
    while high - low > 1 + precision * low:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _rounded_up(value: float) -> float:
    """Three digits that are not smaller."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 2)
    return round(math.ceil(value / unit - 1e-9) * unit, 12)
