"""What people are shown of an account: spent, reserved, allowed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from accord.accounting import odometer
from accord.accounting.mechanism import mechanism_json
from accord.agreement.ledger.filter import Balance, used
from accord.agreement.ledger.reservation import Reservation
from accord.errors import MissingExtra


def statement(balance: Balance, *, forecast: bool = False) -> dict[str, Any]:
    """JSON value of what stands on an account.

    Args:
        forecast: Tell epsilons by `odometer.forecast`, which needs no dp-accounting for most.

    `epsilon.spent` and `epsilon.charged` (with what is reserved) are the odometer's figures, None
    without a delta, without dp-accounting, or where data were used without noise. `epsilon.used` is
    the share of the cap that the filter counts: at 1 nothing is left. `left` is None where there is
    no limit, and for an epsilon that cannot be told.
    """
    cap, charged = balance.cap, _told(balance, spent=False, forecast=forecast)
    return {
        "agreement": balance.account.agreement,
        "dataset": balance.account.dataset,
        "unit": balance.account.unit,
        "relation": cap.relation,
        "epsilon": {
            "spent": _told(balance, spent=True, forecast=forecast),
            "charged": charged,
            "cap": cap.epsilon,
            "used": _used(balance),
        },
        "delta": cap.delta,
        "accesses": {"charged": balance.accesses, "cap": cap.accesses},
        "runs": {"charged": balance.runs, "cap": cap.runs},
        "left": _left(balance, charged),
        "unprotected": balance.unprotected,
        "mechanisms": [
            {**mechanism_json(m), "charged": n, "spent": dict(balance.spent).get(m, 0)}
            for m, n in balance.charged
        ],
    }


def reservation_json(found: Reservation) -> dict[str, Any]:
    """JSON value of a reservation."""
    return {
        "number": found.number,
        "run": found.run,
        "purpose": found.purpose,
        "state": found.state,
        "steps": found.end,
        "mark": found.mark,
        "accounts": [asdict(account) for account in found.accounts],
    }


def _left(balance: Balance, charged: float | None) -> dict[str, float | None]:
    cap, share = balance.cap, _used(balance)
    epsilon = None
    if cap.epsilon is not None and share is not None and share >= 1:
        epsilon = 0.0
    elif cap.epsilon is not None and charged is not None:
        epsilon = max(cap.epsilon - charged, 0.0)
    return {
        "runs": None if cap.runs is None else max(cap.runs - balance.runs, 0),
        "accesses": None if cap.accesses is None else max(cap.accesses - balance.accesses, 0),
        "epsilon": epsilon,
    }


def _told(balance: Balance, *, spent: bool, forecast: bool) -> float | None:
    if balance.cap.delta is None or balance.unprotected:
        return None
    try:
        tell = odometer.forecast if forecast else odometer.epsilon
        return tell(balance.spent if spent else balance.charged, balance.cap.delta)
    except MissingExtra:
        return None


def _used(balance: Balance) -> float | None:
    try:
        share = used(balance)
    except MissingExtra:
        return None
    return None if share is None else min(share, 1.0)
