"""The fold of the events: what stands on every account. Nothing else is kept.

Every process folds every event, and by far the most are marks that move: what they change is one
number. What only people look at (how much of what is charged was spent) is added up when asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from accord.accounting.curve import Curve
from accord.accounting.mechanism import Composition, Mechanism, composed
from accord.agreement.ledger.account import Account, Cap
from accord.agreement.ledger.chain import ORIGIN, Entry, Head, broken, canonical, link
from accord.agreement.ledger.event import (
    Capped,
    Closed,
    Event,
    Grant,
    Opened,
    Reserved,
    Resumed,
    Spent,
    event_from_json,
    event_json,
)
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.reservation import LETS_NOTHING_OUT, Reservation, planned
from accord.errors import AccordError


@dataclass(slots=True)
class _Tally:
    """The sums on one account."""

    cap: Cap
    charged: Counter[Mechanism] = field(default_factory=Counter[Mechanism])
    unprotected: int = 0
    accesses: int = 0
    runs: dict[str, int] = field(default_factory=dict[str, int])
    favoured: float | None = None
    alone: int | None = None

    def count(self, account: Account, reservation: Reservation, sign: int) -> None:
        """Add (1) or take away (-1) what a reservation has on the account."""
        accesses = reservation.accesses(account)
        for charge in reservation.on(account):
            if charge.mechanism is not None:
                self.charged[charge.mechanism] += sign * reservation.charged(charge)
            elif reservation.purpose not in LETS_NOTHING_OUT:
                self.unprotected += sign * (accesses > 0)
        self.accesses += sign * accesses
        uses = self.runs.pop(reservation.run, 0) + sign * (accesses > 0) * reservation.runs
        if uses:
            self.runs[reservation.run] = uses


def event_of(entry: Entry) -> Event:
    """The event that an entry holds.

    Raises:
        IntegrityError: It holds none, or one of another place.
    """
    try:
        value = json.loads(entry.text)
        event, number = event_from_json(value), value["number"]
    except (AccordError, KeyError, TypeError, ValueError) as error:
        raise broken(entry.number, entry.text[:80], "this is no event") from error
    if number != entry.number:
        raise broken(entry.number, number, "an entry was moved")
    if (entry.number == 1) != isinstance(event, Opened):
        raise broken(entry.number, value["kind"], "a ledger is opened once, first")
    return event


def entry_after(head: Head, event: Event, at: str) -> Entry:
    """The entry that records an event after the last one.

    Args:
        at: The time, for people.
    """
    number = head.number + 1
    text = canonical({"number": number, "at": at, **event_json(event)})
    return Entry(number, text, link(head.hash, text))


class Book:
    """What the entries so far add up to.

    Attributes:
        ledger: Id of the ledger; empty before the first entry.
        number: Of the last entry; 0 before the first.
        head: Its hash.
        curves: Of one step of each mechanism, as first charged.
    """

    def __init__(self) -> None:
        self.ledger = ""
        self.number = 0
        self.head = ORIGIN
        self.curves: dict[Mechanism, Curve] = {}
        self._reservations: dict[int, Reservation] = {}
        self._marks: dict[int, int] = {}
        self._runs: dict[str, list[int]] = {}
        self._tallies: dict[Account, _Tally] = {}

    def add(self, entry: Entry) -> Event:
        """Fold one more entry, which must follow from the last.

        Raises:
            IntegrityError: It holds no event, or one that cannot have happened.
        """
        event = event_of(entry)
        self._fold(entry.number, event)
        self.number, self.head = entry.number, entry.hash
        return event

    def accounts(self) -> tuple[Account, ...]:
        """Every account that has a cap."""
        return tuple(sorted(self._tallies))

    def cap(self, account: Account) -> Cap | None:
        """The cap on an account, if one was declared."""
        tally = self._tallies.get(account)
        return None if tally is None else tally.cap

    def reservation(self, number: int) -> Reservation | None:
        """A reservation as it stands."""
        found = self._reservations.get(number)
        return None if found is None else replace(found, mark=self._marks[number])

    def reservations(self) -> tuple[Reservation, ...]:
        """All of them, oldest first."""
        return tuple(replace(r, mark=self._marks[n]) for n, r in self._reservations.items())

    def of_run(self, run: str) -> tuple[Reservation, ...]:
        """The reservations of a run, oldest first."""
        numbers = self._runs.get(run, ())
        return tuple(replace(self._reservations[n], mark=self._marks[n]) for n in numbers)

    def balance(self, account: Account) -> Balance:
        """What is charged to an account.

        Raises:
            KeyError: No cap was declared on it.
        """
        return self._balance(account, self._tallies[account])

    def beside(self, account: Account, reservation: Reservation) -> Balance:
        """What is charged to an account beside a reservation: without what it has there already,
        and without its run.

        Raises:
            KeyError: No cap was declared on the account.
        """
        tally = self._tallies[account]
        runs = len(tally.runs) - (reservation.run in tally.runs)
        known = self.reservation(reservation.number)
        if known is not None:
            tally = replace(tally, charged=tally.charged.copy(), runs={})
            tally.count(account, known, -1)
        return replace(self._balance(account, tally), runs=runs)

    def _balance(self, account: Account, tally: _Tally) -> Balance:
        alone = self._reservations.get(tally.alone or 0)
        return Balance(
            account,
            tally.cap,
            composed(tally.charged.items()),
            self.curves,
            tally.unprotected,
            tally.accesses,
            len(tally.runs),
            tally.favoured,
            () if alone is None else planned(alone.on(account)),
        )

    def spent(self, account: Account) -> Composition:
        """The part of what is charged that lies below the marks: gone for good."""
        return composed(
            (charge.mechanism, charge.below(self._marks[number]))
            for number, reservation in self._reservations.items()
            for charge in reservation.on(account)
            if charge.mechanism is not None
        )

    def _fold(self, number: int, event: Event) -> None:
        match event:
            case Spent():
                found = self._held(number, event)
                if not self._marks[found.number] < event.mark <= found.end:
                    raise broken(number, event.mark, "a mark only grows, up to what was reserved")
                self._marks[found.number] = event.mark
            case Reserved():
                self._reserve(number, event)
            case Closed():
                found = self._held(number, event)
                before = replace(found, mark=self._marks[found.number])
                self._put(replace(before, state=event.how), before)
            case Resumed():
                before = self.reservation(event.reservation)
                if before is None:
                    raise broken(
                        number, event.reservation, "nothing was reserved under this number"
                    )
                self._put(before.granted_again(number), before, event.grants)
            case Capped():
                tally = self._tallies.get(event.account)
                if tally is None:
                    self._tallies[event.account] = _Tally(event.cap)
                else:
                    tally.cap = event.cap
            case Opened():
                self.ledger = event.ledger

    def _reserve(self, number: int, event: Reserved) -> None:
        start = min(charge.first for charge in event.charges)
        made = Reservation(number, event.run, event.purpose, event.charges, number, start)
        for charge, curve in zip(event.charges, event.curves, strict=True):
            if charge.account not in self._tallies:
                raise broken(number, str(charge.account), "it was charged before it had a cap")
            if charge.mechanism is not None and curve is not None:
                self.curves.setdefault(charge.mechanism, curve)
            if charge.mechanism is not None and charge.mechanism not in self.curves:
                raise broken(number, str(charge.account), "a mechanism without its curve")
        self._runs.setdefault(event.run, []).append(number)
        self._put(made, None, event.grants)

    def _held(self, number: int, event: Spent | Closed) -> Reservation:
        """The reservation of an event that only its holder may write; its mark may be old."""
        found = self._reservations.get(event.reservation)
        if found is None or found.state != "open" or found.token != event.token:
            raise broken(number, event.token, "the lease was not the writer's any more")
        return found

    def _put(self, new: Reservation, old: Reservation | None, grants: Iterable[Grant] = ()) -> None:
        self._reservations[new.number], self._marks[new.number] = new, new.mark
        for account in new.accounts:
            tally = self._tallies[account]
            if old is not None:
                tally.count(account, old, -1)
            tally.count(account, new, 1)
            if not any(tally.charged.values()):  # nothing was released: as if nothing was asked
                tally.favoured = tally.alone = None
        for grant in grants:
            tally = self._tallies[grant.account]
            tally.favoured = tally.favoured if tally.favoured is not None else grant.favoured
            if grant.rule == "plan":
                tally.alone = new.number
