"""What happens to budgets: six kinds of events, and their JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from accord.accounting.curve import Curve
from accord.accounting.mechanism import mechanism_from_json, mechanism_json
from accord.agreement.ledger.account import Account, Cap, account_from_json, account_json
from accord.agreement.ledger.filter import Rule
from accord.agreement.ledger.lease import Charge

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """The first event: which ledger this is."""

    ledger: str
    orders: tuple[float, ...]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Capped:
    """A cap was declared or changed."""

    account: Account
    cap: Cap
    reason: str


@dataclass(frozen=True, slots=True)
class Grant:
    """How one account admitted what was reserved on it."""

    account: Account
    rule: Rule
    favoured: float | None


@dataclass(frozen=True, slots=True)
class Reserved:
    """Charges on one or more accounts, all of them.

    `curves` has the curve of each charge whose mechanism is new to the ledger.
    """

    run: str
    purpose: str
    charges: tuple[Charge, ...]
    curves: tuple[Curve | None, ...]
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Resumed:
    """A reservation was taken over or opened again: who held it before is fenced off."""

    reservation: int
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """The mark: every step below it may have happened."""

    reservation: int
    token: int
    mark: int


@dataclass(frozen=True, slots=True)
class Closed:
    """What lies above the mark was given back."""

    reservation: int
    token: int
    how: Literal["settled", "aborted"]
    reason: str = ""


Event = Opened | Capped | Reserved | Resumed | Spent | Closed


def event_json(event: Event) -> dict[str, Any]:
    """JSON value of an event."""
    match event:
        case Opened():
            return {"kind": "opened", **asdict(event), "orders": list(event.orders)}
        case Capped():
            account = account_json(event.account)
            reason = {"reason": event.reason} if event.reason else {}
            return {"kind": "capped", "account": account, "cap": asdict(event.cap), **reason}
        case Reserved():
            pairs = zip(event.charges, event.curves, strict=True)
            return {
                "kind": "reserved",
                "run": event.run,
                "purpose": event.purpose,
                "charges": [_charge_json(charge, curve) for charge, curve in pairs],
                "grants": [_grant_json(grant) for grant in event.grants],
            }
        case Resumed():
            grants = [_grant_json(grant) for grant in event.grants]
            return {"kind": "resumed", "reservation": event.reservation, "grants": grants}
        case Spent():
            return {"kind": "spent", **asdict(event)}
        case Closed():
            found = {"kind": "closed", **asdict(event)}
            return found if event.reason else {k: v for k, v in found.items() if k != "reason"}


def event_from_json(value: Mapping[str, Any]) -> Event:
    """The event that `event_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    kind = value["kind"]
    if kind == "spent":
        return Spent(value["reservation"], value["token"], value["mark"])
    if kind == "reserved":
        charges = [_charge_from_json(charge) for charge in value["charges"]]
        return Reserved(
            value["run"],
            value["purpose"],
            tuple(charge for charge, _ in charges),
            tuple(curve for _, curve in charges),
            _grants(value),
        )
    if kind == "closed":
        reason = value.get("reason", "")
        return Closed(value["reservation"], value["token"], value["how"], reason)
    if kind == "resumed":
        return Resumed(value["reservation"], _grants(value))
    if kind == "capped":
        account = account_from_json(value["account"])
        return Capped(account, Cap(**value["cap"]), value.get("reason", ""))
    if kind == "opened":
        return Opened(value["ledger"], tuple(value["orders"]), value["format"])
    raise ValueError(f"unknown event {kind!r}")


def _charge_json(charge: Charge, curve: Curve | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "account": account_json(charge.account),
        "first": charge.first,
        "steps": charge.steps,
    }
    if charge.mechanism is not None:
        found["mechanism"] = mechanism_json(charge.mechanism)
    if curve is not None:
        found["renyi"] = [None if math.isinf(value) else value for value in curve]
    return found


def _charge_from_json(value: Mapping[str, Any]) -> tuple[Charge, Curve | None]:
    mechanism, renyi = value.get("mechanism"), value.get("renyi")
    charge = Charge(
        account_from_json(value["account"]),
        value["steps"],
        None if mechanism is None else mechanism_from_json(mechanism),
        value["first"],
    )
    curve = None if renyi is None else tuple(math.inf if x is None else float(x) for x in renyi)
    return charge, curve


def _grant_json(grant: Grant) -> list[Any]:
    return [account_json(grant.account), grant.rule, grant.favoured]


def _grants(value: Mapping[str, Any]) -> tuple[Grant, ...]:
    return tuple(Grant(account_from_json(a), rule, order) for a, rule, order in value["grants"])
