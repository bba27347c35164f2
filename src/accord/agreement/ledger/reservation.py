"""One reservation as it stands: what of it is charged, and what was spent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from accord.accounting.mechanism import Composition, composed
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.lease import Charge

LOOK = "look"
"""The purpose of who holds the rows and looks at them once more beside a private model: an access,
no run, and no use without noise."""
TRAINS_NOTHING = frozenset(("evaluate", "audit", "diagnose", LOOK))
"""Purposes that make a use an access and no run: budgets count runs that train."""
PREPARATION = "prepare"
"""The purpose of who opens the data and lets nothing out: what its steps release is charged as
`STEPS`. An access and a run, and no use without noise."""
LETS_NOTHING_OUT = frozenset((PREPARATION, LOOK))
"""Purposes that rows with a cap on epsilon may be opened for without noise."""
STEPS = "private steps"
"""The purpose of the steps of a run that has opened the data already: no access of its own."""
State = Literal["open", "settled", "aborted"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a run has reserved.

    Args:
        number: Of the event that reserved.
        run: Whose it is.
        purpose: What for.
        charges: All of them.
        token: Number of the newest grant: only its holder may spend.
        mark: Steps below it are spent for good; data are touched below it only.
        state: `settled`: the run has done. `aborted`: it stopped, and may come back.
        grants: Accesses: one, and one more each time a settled run came back.
    """

    number: int
    run: str
    purpose: str
    charges: tuple[Charge, ...]
    token: int
    mark: int
    state: State = "open"
    grants: int = 1

    @property
    def end(self) -> int:
        """The step after the last."""
        return max(charge.end for charge in self.charges)

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account once."""
        return tuple(sorted({charge.account for charge in self.charges}))

    @property
    def runs(self) -> int:
        """How many runs it counts as."""
        return 0 if self.purpose in TRAINS_NOTHING | {STEPS} else 1

    def on(self, account: Account) -> tuple[Charge, ...]:
        """The charges on one account."""
        return tuple(charge for charge in self.charges if charge.account == account)

    def charged(self, charge: Charge) -> int:
        """Steps that count against the cap: all while open, then those below the mark."""
        return charge.steps if self.state == "open" else charge.below(self.mark)

    def accesses(self, account: Account) -> int:
        """Accesses that count: none if it was aborted before the data were touched."""
        if self.purpose == STEPS:
            return 0
        touched = any(charge.below(self.mark) for charge in self.on(account))
        return 0 if self.state == "aborted" and not touched else self.grants

    def granted_again(self, token: int) -> Reservation:
        """The same, open, for a new holder."""
        grants = self.grants + (self.state == "settled")
        return replace(self, state="open", token=token, grants=grants)

    def is_for(self, charges: Sequence[Charge]) -> bool:
        """Whether it reserved the same, whatever version of the code releases it."""
        return _unversioned(self.charges) == _unversioned(charges)

    def overlaps(self, charges: Sequence[Charge]) -> bool:
        """Whether a step of an account is in both."""
        return any(
            mine.account == other.account
            and mine.first < other.end
            and other.first < mine.first + self.charged(mine)
            for mine in self.charges
            for other in charges
        )


def planned(charges: Iterable[Charge]) -> Composition:
    """What charges release, all steps done."""
    return composed((c.mechanism, c.steps) for c in charges if c.mechanism is not None)


def _unversioned(charges: Sequence[Charge]) -> set[Charge]:
    return {
        replace(c, mechanism=replace(c.mechanism, version="")) if c.mechanism else c
        for c in charges
    }
