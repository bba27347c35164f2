"""What is charged: a data set under an agreement, by unit of privacy; and the cap on it."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from accord.accounting.unit import RELATIONS, UNITS, Relation, Unit, invalid


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """A data set under an agreement, by unit of privacy."""

    agreement: str
    dataset: str
    unit: Unit = "record"

    def __post_init__(self) -> None:
        if not self.agreement or not self.dataset or self.unit not in UNITS:
            raise invalid("account", self, f"two names, and a unit of {', '.join(UNITS)}")

    def __str__(self) -> str:
        return f"{self.agreement}/{self.dataset} by {self.unit}"


@dataclass(frozen=True, slots=True)
class Cap:
    """How much an agreement lets be spent on an account. None: without limit, but recorded.

    Args:
        epsilon: Privacy loss in total, over all runs ever; needs `delta`.
        delta: Of the total; fixed for the account's life.
        accesses: Leases that opened the data.
        runs: Different runs among them; an evaluation by itself is an access and no run.
        relation: Which neighbours the epsilon is about.
    """

    epsilon: float | None = None
    delta: float | None = None
    accesses: int | None = None
    runs: int | None = None
    relation: Relation = "add-or-remove-one"

    def __post_init__(self) -> None:
        if (self.epsilon is None) != (self.delta is None):
            raise invalid("cap", self, "epsilon and delta together, or neither")
        if self.epsilon is not None and not (0 < self.epsilon < math.inf):
            raise invalid("cap.epsilon", self.epsilon, "a number above 0")
        if self.delta is not None and not (0 < self.delta < 1):
            raise invalid("cap.delta", self.delta, "a number between 0 and 1")
        for name, count in (("accesses", self.accesses), ("runs", self.runs)):
            if count is not None and count < 0:
                raise invalid(f"cap.{name}", count, "a count from 0")
        if self.relation not in RELATIONS:
            raise invalid("cap.relation", self.relation, ", ".join(RELATIONS))

    def loosens(self, before: Cap) -> tuple[str, ...]:
        """The limits that this cap has raised or lifted."""
        limits = [field.name for field in fields(self) if field.name != "relation"]
        return tuple(name for name in limits if _limit(self, name) > _limit(before, name))


def _limit(cap: Cap, name: str) -> float:
    value = getattr(cap, name)
    return math.inf if value is None else float(value)


def account_json(account: Account) -> list[str]:
    """JSON value of an account: its three names."""
    return [account.agreement, account.dataset, account.unit]


def account_from_json(value: Any) -> Account:
    """The account that `account_json` wrote."""
    agreement, dataset, unit = value
    return Account(agreement, dataset, unit)
