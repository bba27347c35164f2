"""What the ledger refuses, told with the figures."""

from __future__ import annotations

from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.lease import Charge, Lease
from accord.errors import BudgetError


def no_epsilon(balance: Balance, needed: float) -> BudgetError:
    """The privacy budget does not suffice."""
    cap = balance.cap
    return BudgetError(
        "the privacy budget does not suffice for this plan",
        code="budget-epsilon",
        path=str(balance.account),
        got=f"an epsilon of {needed:.4g} would be needed, with what is charged already",
        expected=f"at most {cap.epsilon:g} at delta {cap.delta:g}",
        why="what was learned of the data cannot be taken back; the agreement caps it for all runs",
        fix="fewer steps, more noise, or a larger budget from the rights holder: "
        "`accord check` tells what is left, `accord ledger show --plan` prices the three",
    )


def no_access(balance: Balance) -> BudgetError:
    """No access is left."""
    return BudgetError(
        "the agreement allows no further access to the data",
        code="budget-accesses",
        path=str(balance.account),
        got=f"{balance.accesses} of {balance.cap.accesses} are taken",
        why="the rights holder capped how often the data may be used",
        fix="`accord ledger show` tells which runs took them; ask the rights holder for more",
    )


def no_run(balance: Balance) -> BudgetError:
    """No run is left."""
    return BudgetError(
        "the agreement allows no further run on the data",
        code="budget-runs",
        path=str(balance.account),
        got=f"{balance.runs} of {balance.cap.runs} are taken",
        why="the rights holder capped how many runs may use the data",
        fix="`accord ledger show` tells which they are; ask the rights holder for more",
    )


def unprotected(account: Account, cap: Cap) -> BudgetError:
    """A run without noise on data that must be protected."""
    return BudgetError(
        "the agreement caps the privacy loss, and this run has no privacy plan",
        code="budget-unprotected",
        path=str(account),
        got="no noise",
        expected=f"a `privacy` section that stays within epsilon {cap.epsilon:g}",
        why="without noise the loss has no bound",
        fix="add a `privacy` section to the recipe, or use other data",
    )


def mixed(charge: Charge, cap: Cap) -> BudgetError:
    """A mechanism that protects something else than the account counts."""
    mechanism = charge.mechanism
    got = None if mechanism is None else f"{mechanism.unit}, {mechanism.relation}"
    return BudgetError(
        "the privacy plan and the budget are not about the same thing",
        code="budget-mixed",
        path=str(charge.account),
        got=got,
        expected=f"{charge.account.unit}, {cap.relation}",
        why="losses by different units or neighbours cannot be added up",
        fix="clip, sample and add noise by the unit and the relation of the agreement",
    )


def uncapped(account: Account) -> BudgetError:
    """Nobody has said what may be spent."""
    return BudgetError(
        "no cap was declared for this account",
        code="budget-undeclared",
        path=str(account),
        why="what an agreement does not allow, is not done",
        fix="declare it from the agreement first; a cap without limits only records",
    )


def unopened(account: Account) -> BudgetError:
    """Steps of a run that never opened the data."""
    return BudgetError(
        "private steps are charged to data that the run has not opened",
        code="budget-undeclared",
        path=str(account),
        why="an access is counted where data are opened, and steps count none",
        fix="reserve the preparation of the data first, under the same run",
    )


def left_out(account: Account) -> BudgetError:
    """A data set has caps on several units, and not all are charged."""
    return BudgetError(
        "the data set has a cap on another unit too, which this plan does not charge",
        code="budget-undeclared",
        path=str(account),
        why="whoever uses the data spends on every cap they have",
        fix="charge this account as well",
    )


def looser(account: Account, limits: tuple[str, ...]) -> BudgetError:
    """A cap was raised silently."""
    return BudgetError(
        "the cap is larger than the one on record",
        code="budget-cap-raised",
        path=str(account),
        got=", ".join(limits),
        expected="the recorded cap, or a smaller one",
        why="a cap is raised by an event that says why, never by editing a file",
        fix="record it: `accord ledger amend`, with the reason",
    )


def overlapping(run: str, account: Account) -> BudgetError:
    """Steps of a run that are reserved already, in another cut."""
    return BudgetError(
        f"some of these steps of run {run!r} are reserved already",
        code="budget-overlap",
        path=str(account),
        why="a step is charged once; one that is computed again is another step",
        fix="reserve exactly the same steps again to take them over, or number new ones behind",
    )


def lost(lease: Lease, why: str) -> BudgetError:
    """Somebody else has the lease."""
    return BudgetError(
        f"run {lease.run!r} does not hold its budget any more",
        code="lease-lost",
        path=f"lease {lease.reservation}, token {lease.token}",
        why=f"{why}: only one process at a time may spend it",
        fix="if it is the same run started twice, leave one; else start it again with --resume",
    )


def exceeded(lease: Lease, mark: int) -> BudgetError:
    """More steps than were reserved."""
    return BudgetError(
        f"run {lease.run!r} goes beyond the steps that it reserved",
        code="lease-exceeded",
        path=f"lease {lease.reservation}",
        got=mark,
        expected=f"a step up to {lease.end}",
        why="what was not reserved was not checked against the budget",
        fix="reserve the further steps first",
    )
