"""The audit: every entry in its place, every budget kept at the time, every curve honest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain as joined

from accord.accounting.curve import step_curve
from accord.accounting.mechanism import Mechanism
from accord.agreement.ledger.book import Book, event_of
from accord.agreement.ledger.chain import Entry, Head, broken, linked
from accord.agreement.ledger.checkpoint import Check, Checkpoint, held
from accord.agreement.ledger.event import Reserved, Resumed
from accord.agreement.ledger.filter import Balance, admit
from accord.agreement.ledger.reservation import LETS_NOTHING_OUT, Reservation, planned
from accord.errors import MissingExtra

SLACK = 1e-9
"""Relative: the same sums, added in another order or by another version of the accountant."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found to hold.

    Args:
        ledger: Id of the ledger.
        head: Its last entry.
        checkpoints: How many were compared.
        recomputed: Whether all figures were computed again: exact totals are not without
            dp-accounting.
    """

    ledger: str
    head: Head
    checkpoints: int
    recomputed: bool


def verify(
    entries: Iterable[Entry],
    checkpoints: Sequence[Checkpoint] = (),
    check: Check | None = None,
) -> Verified:
    """Read a whole ledger, or the export of one, and hold it against itself.

    An entry that was edited, removed, added or moved breaks the chain; one that was written by
    other means, with a chain to match, must still be admissible; a missing end is found by a
    checkpoint that was kept elsewhere.

    Args:
        check: Judges the signatures of checkpoints.

    Raises:
        IntegrityError: The first entry that does not hold.
    """
    book, curves = Book(), _Curves()
    stream = linked(entries)
    first = next(stream, None)
    if first is None:
        raise broken(1, "nothing", "a ledger has at least one entry")
    book.add(first)
    for entry in held(joined((first,), stream), book.ledger, checkpoints, check):
        if entry.number == 1:
            continue
        event = event_of(entry)
        before = book.reservation(event.reservation) if isinstance(event, Resumed) else None
        book.add(entry)
        if isinstance(event, Reserved):
            curves.compare(entry.number, event)
            curves.known &= _admissible(book, entry.number, entry.number)
        elif isinstance(event, Resumed) and (before is None or before.state != "open"):
            curves.known &= _admissible(book, entry.number, event.reservation)
    head = Head(book.number, book.head)
    return Verified(book.ledger, head, len(checkpoints), curves.known)


def _admissible(book: Book, number: int, reserved: int) -> bool:
    """Whether it could be computed; refused if it could and does not fit."""
    reservation = book.reservation(reserved)
    assert reservation is not None
    for account in reservation.accounts:
        balance = book.beside(account, reservation)
        try:
            why = _excess(balance, reservation)
        except MissingExtra:  # an exact total, which only a plan has that is alone
            return False
        if why is not None:
            raise broken(number, str(account), why)
    return True


def _excess(balance: Balance, reservation: Reservation) -> str | None:
    """What of a reservation the cap did not allow when it was granted."""
    cap, account = balance.cap, balance.account
    accesses = balance.accesses + reservation.accesses(account)
    if cap.accesses is not None and accesses > cap.accesses:
        return "more accesses than the cap allowed"
    runs = reservation.runs
    if cap.runs is not None and runs and balance.runs + runs > cap.runs:
        return "more runs than the cap allowed"
    for charge in reservation.on(account):
        mechanism = charge.mechanism
        lets_out = reservation.purpose not in LETS_NOTHING_OUT
        if mechanism is None and cap.epsilon is not None and lets_out:
            return "data used without noise, against the cap"
        if mechanism is not None and (
            (mechanism.unit, mechanism.relation) != (account.unit, cap.relation)
        ):
            return "privacy loss of another unit or relation"
    plan = planned(reservation.on(account))
    fits = admit(balance, plan, slack=SLACK).rule is not None
    return None if fits else "more privacy loss than the cap allowed"


class _Curves:
    """Whether the charged curves are those of their mechanisms."""

    def __init__(self) -> None:
        self.known = True
        self._seen: set[Mechanism] = set()

    def compare(self, number: int, event: Reserved) -> None:
        for charge, curve in zip(event.charges, event.curves, strict=True):
            mechanism = charge.mechanism
            if mechanism is None or curve is None or mechanism in self._seen:
                continue
            honest = step_curve(mechanism)
            if any(x < y * (1 - SLACK) for x, y in zip(curve, honest, strict=True)):
                raise broken(number, str(charge.account), "the curve charges less than it costs")
            self._seen.add(mechanism)
