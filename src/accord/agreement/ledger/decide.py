"""From what stands to the event that follows, or a refusal. Pure: nothing is written here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from accord.accounting.curve import ORDERS, Curve, step_curve
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger import refusals
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.book import Book
from accord.agreement.ledger.event import Capped, Closed, Grant, Opened, Reserved, Resumed, Spent
from accord.agreement.ledger.filter import Balance, admit
from accord.agreement.ledger.lease import Charge, Lease
from accord.agreement.ledger.reservation import (
    LETS_NOTHING_OUT,
    PREPARATION,
    STEPS,
    Reservation,
    planned,
)
from accord.errors import AccordError, raise_all


def opening(book: Book) -> Opened | None:
    """The first event, unless the ledger was opened already."""
    return None if book.number else Opened(str(uuid.uuid4()), ORDERS)


def declaring(book: Book, account: Account, cap: Cap) -> Capped | None:
    """A cap as an agreement states it: recorded if new or smaller, nothing if the same.

    Raises:
        BudgetError: It is larger than the one on record, or about other neighbours.
    """
    known = book.cap(account)
    if known is not None and (limits := cap.loosens(known)):
        raise refusals.looser(account, limits)
    return amending(book, account, cap, "")


def amending(book: Book, account: Account, cap: Cap, reason: str) -> Capped | None:
    """A cap in place of the one on record.

    Raises:
        BudgetError: Something was charged under another relation.
    """
    known = book.cap(account)
    if known == cap:
        return None
    if known is not None and known.relation != cap.relation:
        charged = book.balance(account).charged
        if charged:
            mechanism, steps = charged[0]
            raise refusals.mixed(Charge(account, steps, mechanism), cap)
    return Capped(account, cap, reason)


def reserving(
    book: Book, run: str, purpose: str, charges: tuple[Charge, ...]
) -> Reserved | Resumed:
    """All charges, or none; or the same reservation for a new holder.

    Raises:
        BudgetError: A budget does not suffice, or the charges cannot be added to it.
    """
    _complete(book, charges, purpose)
    if purpose == STEPS:
        _opened(book, run, charges)
    for found in book.of_run(run):
        if found.is_for(charges):
            again = found.granted_again(found.token)
            held = found.state == "open"
            return Resumed(found.number, () if held else _granted(book, again))
        if found.overlaps(charges):
            raise refusals.overlapping(run, found.accounts[0])
    first = min(charge.first for charge in charges)
    made = Reservation(book.number + 1, run, purpose, charges, book.number + 1, first)
    curves = tuple(_curve(book, charge) for charge in charges)
    return Reserved(run, purpose, charges, curves, _granted(book, made))


def spending(book: Book, lease: Lease, upto: int) -> Spent | None:
    """The mark moves, unless it is there already.

    Raises:
        BudgetError: The lease is lost, or reserved fewer steps.
    """
    found = held(book, lease)
    if upto > found.end:
        raise refusals.exceeded(lease, upto)
    return None if upto <= found.mark else Spent(found.number, found.token, upto)


def held(book: Book, lease: Lease) -> Reservation:
    """The reservation of a lease that may be spent.

    Raises:
        BudgetError: It was closed, or taken over.
    """
    found = book.reservation(lease.reservation)
    if found is None or lease.ledger != book.ledger:
        raise refusals.lost(lease, "it is a lease of another ledger")
    if found.token != lease.token:
        raise refusals.lost(lease, "another process has taken the run over since")
    if found.state != "open":
        raise refusals.lost(lease, f"it was {found.state}")
    return found


def closing(book: Book, lease: Lease, closed: Closed) -> Closed | None:
    """A lease is closed, unless it is so already.

    Raises:
        BudgetError: The lease is lost.
    """
    found = book.reservation(lease.reservation)
    if found is not None and (found.state, found.token) == (closed.how, lease.token):
        return None
    held(book, lease)
    return closed


def releasing(book: Book, number: int, reason: str) -> Closed | None:
    """A reservation is aborted whoever holds it."""
    found = book.reservation(number)
    if found is None or found.state != "open":
        return None
    return Closed(number, found.token, "aborted", reason)


def _curve(book: Book, charge: Charge) -> Curve | None:
    """The curve of a charge, which goes on record once."""
    if charge.mechanism is None or charge.mechanism in book.curves:
        return None
    return step_curve(charge.mechanism)


def warm(book: Book, charges: Iterable[Charge]) -> None:
    """Compute, before anybody has to wait, the curves and totals that admitting will need."""
    charges = tuple(charges)
    for account in {charge.account for charge in charges}:
        plan = planned(charge for charge in charges if charge.account == account)
        cap = book.cap(account)
        if cap is not None and all(_matches(mechanism, account, cap) for mechanism, _ in plan):
            admit(book.balance(account), plan)


def _matches(mechanism: Mechanism, account: Account, cap: Cap) -> bool:
    """Whether a mechanism protects what an account counts."""
    return (mechanism.unit, mechanism.relation) == (account.unit, cap.relation)


def _opened(book: Book, run: str, charges: Sequence[Charge]) -> None:
    """Steps count no access: only a run that has opened the data may charge them."""
    opened = {a for r in book.of_run(run) if r.purpose == PREPARATION for a in r.accounts}
    problems = [refusals.unopened(c.account) for c in charges if c.account not in opened]
    raise_all(problems)


def _complete(book: Book, charges: Sequence[Charge], purpose: str) -> None:
    """Whether the charges fit the accounts in kind, and leave none out."""
    problems: list[AccordError] = []
    if not charges:
        raise ValueError("a run that charges nothing needs no lease")
    for charge in charges:
        cap = book.cap(charge.account)
        if cap is None:
            problems.append(refusals.uncapped(charge.account))
        elif charge.mechanism is None:
            if cap.epsilon is not None and purpose not in LETS_NOTHING_OUT:
                problems.append(refusals.unprotected(charge.account, cap))
        elif not _matches(charge.mechanism, charge.account, cap):
            problems.append(refusals.mixed(charge, cap))
    named = {charge.account for charge in charges}
    used = {(account.agreement, account.dataset) for account in named}
    problems += [
        refusals.left_out(account)
        for account in book.accounts()
        if (account.agreement, account.dataset) in used and account not in named
    ]
    raise_all(problems)


def _granted(book: Book, wanted: Reservation) -> tuple[Grant, ...]:
    """How each account admits a reservation, in place of its former state."""
    grants: list[Grant] = []
    problems: list[AccordError] = []
    for account in wanted.accounts:
        balance = book.beside(account, wanted)
        problems += _counted(balance, wanted, account)
        admission = admit(balance, planned(wanted.on(account)))
        if admission.rule is None:
            problems.append(refusals.no_epsilon(balance, admission.needed))
        else:
            grants.append(Grant(account, admission.rule, admission.favoured))
    raise_all(problems)
    return tuple(grants)


def _counted(balance: Balance, wanted: Reservation, account: Account) -> list[AccordError]:
    cap, problems = balance.cap, list[AccordError]()
    if cap.accesses is not None and balance.accesses + wanted.accesses(account) > cap.accesses:
        problems.append(refusals.no_access(balance))
    if cap.runs is not None and wanted.runs and balance.runs + wanted.runs > cap.runs:
        problems.append(refusals.no_run(balance))
    return problems
