"""What is left of budgets and what a planned use would take of them; nothing is charged."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.agreement.charging import caps_of, run_of
from accord.agreement.short import Budget
from accord.errors import RecipeError

if TYPE_CHECKING:
    from accord.agreement.ledger.account import Account, Cap
    from accord.agreement.ledger.filter import Balance
    from accord.agreement.ledger.lease import Charge
    from accord.agreement.ledger.rehearsal import Rehearsed


def allowances(
    budgets: Mapping[str, Budget], folder: Path | None = None, purpose: str = "train"
) -> list[dict[str, Any]]:
    """What stands on the account of each data set, what is `left`, and the use's `cost`.

    No ledger is opened without a budget, and none is made where there is none.

    Args:
        budgets: What may be spent, by the agreement's id.
        folder: The run directory, which may have been charged already.
        purpose: Of the use.

    Returns:
        `ledger.statement.statement` of each, its epsilons forecast, and `cost` {runs, accesses,
        epsilon}; an epsilon is None where there is no cap on it.

    Raises:
        BudgetError: A budget does not suffice.
        RecipeError, IntegrityError: The ledger cannot be used.
        MissingExtra: What keeps the ledger is not installed.
    """
    return [_told(one) for one in _tried(budgets, folder, purpose)]


def balances(
    budgets: Mapping[str, Budget], folder: Path | None = None, purpose: str = "train"
) -> list[Balance]:
    """What stands on the account of each data set, the use with it; as `allowances`."""
    return [one.after for one in _tried(budgets, folder, purpose)]


def _tried(budgets: Mapping[str, Budget], folder: Path | None, purpose: str) -> Iterable[Rehearsed]:
    if not budgets:
        return ()
    from accord.agreement.ledger.lease import Charge

    caps = caps_of(budgets)
    run = (run_of(folder) if folder is not None else None) or uuid.uuid4().hex
    return _rehearsed(caps, run, [Charge(account) for account in caps], purpose)


def _rehearsed(
    caps: Mapping[Account, Cap], run: str, charges: list[Charge], purpose: str
) -> Iterable[Rehearsed]:
    from accord.agreement.ledger.ledger import Ledger
    from accord.agreement.ledger.place import default_location
    from accord.agreement.ledger.rehearsal import rehearse

    try:
        ledger = Ledger.open(default_location(), access="read")
    except RecipeError as error:
        if error.code != "ledger-missing":
            raise
        return rehearse((), caps, run, charges, purpose)
    with ledger:
        return rehearse(ledger.entries(), caps, run, charges, purpose)


def _told(one: Rehearsed) -> dict[str, Any]:
    from accord.agreement.ledger.statement import statement

    # Nothing is charged yet: a forecast spares the two seconds that dp-accounting takes.
    before, after = (statement(found, forecast=True) for found in (one.before, one.after))
    taken = {
        name: after[name]["charged"] - before[name]["charged"] for name in ("runs", "accesses")
    }
    spent, total = before["epsilon"]["charged"], after["epsilon"]["charged"]
    epsilon = None if spent is None or total is None else total - spent
    return before | {"cost": {**taken, "epsilon": epsilon}}
