"""What is admitted: a privacy filter, sound when every plan is chosen after seeing the last result.

**Why not the exact total.** Composing privacy loss distributions is exact only if all mechanisms
were fixed in advance. Here somebody looks at a model, then decides on the next run. The exact total
is then no filter: Rogers, Roth, Ullman and Vadhan 2016 separate the two; Regehr et al. 2026 (arXiv
2602.15815) show that such "natural" filters fail unless the mechanisms are totally ordered.

**Renyi filter.** At one order alpha, fixed in advance, divergences add up whatever is chosen when
(Feldman and Zrnic 2021; Lecuyer 2021): with L the loss and rho_i the divergence of step i,
M = exp((alpha - 1)(L - sum rho_i)) is a supermartingale that starts at 1. So whoever stays below
B(alpha) is (epsilon, delta) private, at the constants of composition that is fixed in advance
(Whitehouse, Ramdas, Rogers and Wu 2023 show it for advanced composition too), also with several
runs at once (Haney et al. 2023).

**Several orders.** "Any order stays inside" would let somebody choose, from a result, the order at
which to go on. Each M is at most 1 on average but their maximum is not: an adaptive adversary then
exceeds delta (by a third and more in `tests/agreement/ledger/test_adaptive.py`). So delta is
divided between the orders in advance, 90 % to the one at which the first plan fits best, and an
order's budget is taken at its share; the failures add up to delta. This costs
log(1/0.9) / (alpha - 1) in epsilon: about a hundredth.

**A plan that is alone** on an account was fixed before any of the data was seen, so its exact total
counts: it is admitted if either way admits it. If only the exact way does, then what this plan may
use of delta at the cap is set aside from then on, and what comes later has the rest. Stopping it
early is no further release; a plan of which no step was spent leaves no trace.

**Refunds** are sound: a step's divergence counts before the step, and whether it happens may depend
on what was seen. What the ledger admits is decided from numbers that hold no data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from accord.accounting import odometer
from accord.accounting.curve import (
    Curve,
    budgets,
    favourite,
    filter_epsilon,
    step_curve,
    total_curve,
)
from accord.accounting.mechanism import Composition, Mechanism
from accord.agreement.ledger.account import Account, Cap

Rule = Literal["filter", "plan", "uncapped"]
"""By what a plan was admitted: the Renyi filter; its exact total, being alone; no cap at all."""
Total = Callable[[Composition, float], float]
UNCAPPED_DELTA = 1e-6
"""Chooses the favoured order where there is no cap yet: a cap may come later."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What stands on an account.

    Args:
        account: Whose.
        cap: The limits as last declared.
        charged: Steps that were spent or are reserved.
        curves: Of one step of each mechanism, as they were charged.
        unprotected: Accesses that released without noise.
        accesses: Leases.
        runs: Different runs.
        favoured: The order that has most of delta; None before the first plan.
        alone: The plan that was admitted by its exact total, or empty.
        spent: Of what is charged, the steps below the mark: gone for good. Nothing is admitted by
            it, so it is there only where people look.
    """

    account: Account
    cap: Cap
    charged: Composition = ()
    curves: Mapping[Mechanism, Curve] = field(default_factory=dict[Mechanism, Curve])
    unprotected: int = 0
    accesses: int = 0
    runs: int = 0
    favoured: float | None = None
    alone: Composition = ()
    spent: Composition = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a plan fits, and by what rule.

    Args:
        rule: None if it does not fit.
        needed: The smallest epsilon of a cap under which it would fit.
        favoured: The order that has most of delta once it is admitted.
    """

    rule: Rule | None
    needed: float
    favoured: float | None


def admit(
    balance: Balance,
    plan: Composition,
    interval: float = odometer.INTERVAL,
    slack: float = 0.0,
    total: Total | None = None,
) -> Admission:
    """Whether a plan fits on an account beside what stands there.

    Args:
        interval: Of the exact total's grid: see `odometer`.
        slack: Relative, for who checks sums that were added in another order.
        total: Tells the exact total of a plan at a delta; the odometer by default.
    """
    epsilon, delta = balance.cap.epsilon, balance.cap.delta
    parts = (*balance.charged, *plan)
    curve = total_curve((balance.curves.get(m) or step_curve(m), steps) for m, steps in parts)
    favoured = balance.favoured
    if plan and (favoured is None or not balance.charged):
        favoured = favourite(curve, epsilon, delta or UNCAPPED_DELTA)
    if epsilon is None or delta is None:
        return Admission("uncapped", 0.0, favoured)
    if balance.unprotected:
        return Admission(None, float("inf"), favoured)
    if favoured is None:
        return Admission("filter", 0.0, None)
    left = delta - _set_aside(balance, epsilon)
    needed = filter_epsilon(curve, left, favoured)
    if left > 0 and np.any(curve <= budgets(epsilon, left, favoured) + slack * epsilon):
        return Admission("filter", needed, favoured)
    if not balance.charged:
        exact = total(plan, delta) if total else odometer.epsilon(plan, delta, interval)
        fits = exact <= epsilon * (1 + slack)
        return Admission("plan" if fits else None, min(exact, needed), favoured)
    return Admission(None, needed, favoured)


def used(balance: Balance) -> float | None:
    """The share of the budget on epsilon that is charged: at the order with the most room, where
    equal runs add up evenly. None without a cap; 1 or more: nothing is left.
    """
    epsilon, delta = balance.cap.epsilon, balance.cap.delta
    if epsilon is None or delta is None:
        return None
    if balance.unprotected:
        return float("inf")
    if balance.favoured is None or not balance.charged:
        return 0.0
    left = delta - _set_aside(balance, epsilon)
    if left <= 0:
        return 1.0
    room = budgets(epsilon, left, balance.favoured)
    curve = total_curve((balance.curves[m], steps) for m, steps in balance.charged)
    shares_used = curve[room > 0] / room[room > 0]
    return float(np.min(shares_used)) if shares_used.size else float("inf")


def _set_aside(balance: Balance, epsilon: float) -> float:
    """What the plan that was admitted by its exact total may use of delta."""
    return odometer.delta_at(balance.alone, epsilon) if balance.alone else 0.0
