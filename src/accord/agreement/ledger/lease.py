"""What a run asks for, and the right to spend it."""

from __future__ import annotations

from dataclasses import dataclass

from accord.accounting.mechanism import Mechanism
from accord.accounting.unit import invalid
from accord.agreement.ledger.account import Account
from accord.agreement.ledger.chain import Head


@dataclass(frozen=True, slots=True)
class Charge:
    """Steps of a run on an account.

    Args:
        account: What is charged.
        steps: How many steps touch the data.
        mechanism: What each releases; None: the data are used without protection, which counts
            as an access and as an unbounded privacy loss.
        first: Number of the first of them in the run. A step counts releases: one that is computed
            again with fresh noise is another step.
    """

    account: Account
    steps: int = 1
    mechanism: Mechanism | None = None
    first: int = 0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.first < 0:
            raise invalid("charge", (self.first, self.steps), "at least one step, from step 0")

    @property
    def end(self) -> int:
        """The step after the last."""
        return self.first + self.steps

    def below(self, mark: int) -> int:
        """How many of the steps lie below a mark."""
        return min(max(mark - self.first, 0), self.steps)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one writer to spend what was reserved.

    Args:
        ledger: Id of the ledger.
        reservation: Number of the event that reserved.
        run: Whose it is.
        charges: What was reserved.
        token: Fencing number. It grows with every grant; only the newest may spend.
        mark: Steps below it are spent for good.
        head: The last entry when it was granted or spent. A run keeps it: a ledger without it
            was rolled back.
    """

    ledger: str
    reservation: int
    run: str
    charges: tuple[Charge, ...]
    token: int
    mark: int
    head: Head

    @property
    def end(self) -> int:
        """The step after the last that was reserved."""
        return max(charge.end for charge in self.charges)
