"""What an agreement allows, as a value; two Terms join to the stricter."""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T", date, float)
Act = Literal["train", "evaluate", "use", "share"]
ACTS: frozenset[Act] = frozenset(("train", "evaluate", "use", "share"))


class Terms(BaseModel):
    """The terms that bind an artifact.

    Guarantees:
        `join` is associative, commutative and idempotent, and its result is never more
        permissive than either side: acts only shrink, obligations only grow, limits only fall.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    acts: frozenset[Act] = ACTS
    obligations: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    until: date | None = None
    epsilon: float | None = None

    def join(self, other: Terms) -> Terms:
        """The stricter of two Terms in every respect."""
        return Terms(
            acts=self.acts & other.acts,
            obligations=self.obligations | other.obligations,
            sources=self.sources | other.sources,
            until=_least(self.until, other.until),
            epsilon=_least(self.epsilon, other.epsilon),
        )

    def allows(self, act: Act, on: date) -> bool:
        """Whether `act` may be done on a day; the last day of an agreement still counts."""
        return act in self.acts and (self.until is None or on <= self.until)


FREE = Terms()
"""The unit of `join`: allows everything, obliges to nothing."""


def _least(a: T | None, b: T | None) -> T | None:
    present = [value for value in (a, b) if value is not None]
    return min(present) if present else None
