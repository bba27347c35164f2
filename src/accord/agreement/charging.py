"""A run charges the ledger before it touches data that an agreement gives for so many uses only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.agreement.ledger.reservation import LOOK, PREPARATION, STEPS
from accord.agreement.short import Budget
from accord.artifact import write_atomic

if TYPE_CHECKING:
    from accord.agreement.ledger.account import Account, Cap
    from accord.agreement.ledger.lease import Charge
    from accord.agreement.ledger.ledger import Ledger

CHARGES = "charges.json"
"""In the run directory: who the run is to the ledger, what it was charged for, and, for reports,
what was given of each data set and what had been charged before and after."""


def charge(
    budgets: Mapping[str, Budget],
    folder: Path,
    purpose: str = "train",
    private: Collection[str] = (),
) -> None:
    """Reserve and spend one use of each data set, or of none; durable when it returns.

    Called again for the same folder (a resumed run), nothing is charged twice.

    Args:
        budgets: What may be spent, by the agreement's id; without any no ledger is opened.
        folder: The run directory.
        purpose: Of the use.
        private: Those of them that are opened here, and whose loss is charged step by step.

    Raises:
        BudgetError: A budget does not suffice; nothing was charged.
        RecipeError, IntegrityError: The ledger cannot be used.
    """
    if not budgets:
        return
    with _ledger() as ledger:
        for account, cap in caps_of(budgets).items():
            ledger.declare(account, cap)
        earlier = _read(folder)
        run = str(earlier["run"]) if earlier else uuid.uuid4().hex
        accounts = [(name, str(budget.unit)) for name, budget in budgets.items()]
        charges = _charges(accounts)
        stated = {charge.account.agreement: _stated(ledger, charge.account) for charge in charges}
        prepared = [charge for charge in charges if charge.account.agreement in private]
        used = [charge for charge in charges if charge not in prepared]
        if any(found.run == run for found in ledger.reservations()):
            # A run that goes on keeps what it found when it was charged.
            kept = earlier.get("budgets", {})
            stated |= {name: kept[name] for name in stated if name in kept}
        content = {"run": run, "ledger": ledger.id, "purpose": purpose, "accounts": accounts}
        if prepared:
            content |= {"private": [charge.account.agreement for charge in prepared]}
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / CHARGES, json.dumps(content | {"budgets": stated}, indent=1))
        for several, why in ((prepared, PREPARATION), (used, purpose)):
            if several:
                ledger.spend(ledger.reserve(run, several, why), 1)
        for charge in charges:
            stated[charge.account.agreement].setdefault("after", _charged(ledger, charge.account))
        write_atomic(folder / CHARGES, json.dumps(content | {"budgets": stated}, indent=1))


def charge_once(budgets: Mapping[str, Budget], purpose: str) -> None:
    """Charge one use that nothing will resume, of each data set or of none; durable on return.

    Called again, it charges again. Arguments and errors as of `charge`.
    """
    if not budgets:
        return
    from accord.agreement.ledger.lease import Charge

    caps = caps_of(budgets)
    with _ledger() as ledger:
        for account, cap in caps.items():
            ledger.declare(account, cap)
        lease = ledger.reserve(uuid.uuid4().hex, [Charge(account) for account in caps], purpose)
        ledger.settle(ledger.spend(lease, 1))


def charge_look(budgets: Mapping[str, Budget], purpose: str, *, private: bool) -> None:
    """Charge one opening of data whose rows are looked at and learned from no more: as
    `charge_once`, but it is no run, and beside private training it is an access and no loss. What
    is told of the rows is then for those who hold them.

    Args:
        budgets: As of `charge`.
        purpose: `evaluate`, `audit` or `diagnose`.
        private: The model that is looked at was trained privately, or a recipe will train it so.
    """
    charge_once(budgets, LOOK if private else purpose)


def settle(folder: Path) -> None:
    """The run is complete: close all that is open of it, its private steps too, which gives back
    what they did not spend. Nothing to do where nothing was charged."""
    content = _read(folder)
    if not content:
        return
    with _ledger() as ledger:
        mine = [r for r in ledger.reservations() if r.run == content["run"] and r.state == "open"]
        for found in mine:
            ledger.settle(ledger.reserve(found.run, found.charges, found.purpose))
        if any(found.purpose == STEPS for found in mine):
            for charge in _charges(content["accounts"]):
                stated = content["budgets"][charge.account.agreement]
                stated["after"] = _charged(ledger, charge.account)
            write_atomic(folder / CHARGES, json.dumps(content, indent=1))


def caps_of(budgets: Mapping[str, Budget]) -> dict[Account, Cap]:
    """The accounts that a use of data sets is charged to, and what each may bear."""
    from accord.agreement.ledger.account import Account, Cap

    return {
        Account(name, name, one.unit): Cap(one.epsilon, one.delta, one.accesses, one.runs)
        for name, one in budgets.items()
    }


def run_of(folder: Path) -> str | None:
    """Who the run in a folder is to the ledger; None if it was not charged yet."""
    found = _read(folder)
    return str(found["run"]) if found else None


def _ledger() -> Ledger:
    from accord.agreement.ledger.ledger import Ledger
    from accord.agreement.ledger.place import default_location

    return Ledger.open(default_location())


def _charges(accounts: Sequence[Sequence[str]]) -> list[Charge]:
    from accord.accounting.unit import UNITS, Unit
    from accord.agreement.ledger.account import Account
    from accord.agreement.ledger.lease import Charge

    units: dict[str, Unit] = {str(unit): unit for unit in UNITS}
    return [Charge(Account(name, name, units[unit])) for name, unit in accounts]


def _stated(ledger: Ledger, account: Account) -> dict[str, Any]:
    """What is given of a data set, and what of it is charged before the run."""
    cap = ledger.balance(account).cap
    given = {"runs": cap.runs, "accesses": cap.accesses, "epsilon": cap.epsilon, "delta": cap.delta}
    return {"unit": account.unit, "given": given, "before": _charged(ledger, account)}


def _charged(ledger: Ledger, account: Account) -> dict[str, float | None]:
    """What stands on an account; no epsilon where it cannot be told."""
    from accord.agreement.ledger.statement import statement

    found = statement(ledger.balance(account))
    return {name: found[name]["charged"] for name in ("runs", "accesses", "epsilon")}


def _read(folder: Path) -> dict[str, Any]:
    """What a folder's run was charged; empty if nothing. A copy of the folder is the same run."""
    path = folder / CHARGES
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}
