"""Rules, the sentences of an agreement: permits, forbids or requires an act, when this holds.

A licence is a named list of rules; a private contract is the same. How far a rule travels with what
is made of a work (`reach`) is part of it, and so is whether the text says so or only some read it
so (`basis`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Effect = Literal["permit", "forbid", "require"]
Act = Literal["train", "share", "serve", "use", "train-on-output"]
"""`train`: learn from a data set, or adapt a model. `share`: give a copy to others. `serve`: let
others use it over a network. `use`: run it, or read it. `train-on-output`: learn from what it
generated."""
Kind = Literal["data", "model", "service", "code"]
Reach = Literal["copies", "derived", "outputs"]
"""How far a rule travels: with copies; to what is derived of it too (adapted or trained); to what
those generate, and to what learns from that, too."""
Basis = Literal["stated", "contested"]
"""`contested`: the text does not name the case, and its readers disagree."""
Variable = Literal[
    "purpose",
    "commercial",
    "monthly_users",
    "revenue",
    "region",
    "party",
    "date",
    "runs",
    "role",
    "epsilon",
    "name",
    "outbound",
    "openness",
]
Operator = Literal["in", "not in", "<", "<=", ">", ">=", "starts with"]
Value = str | bool | int | float | date | frozenset[str]
"""Of a set of names (a region, and what it lies in) one is enough to be in a list."""
DutyKind = Literal[
    "cite",
    "notice",
    "copy-terms",
    "state-changes",
    "same-licence",
    "pass-on",
    "disclose-source",
    "name-prefix",
    "display",
    "delete-by",
    "report",
    "dp",
    "register",
    "encrypt",
]

ACTS: frozenset[Act] = frozenset(get_args(Act))
KINDS: frozenset[Kind] = frozenset(get_args(Kind))
VARIABLES: tuple[Variable, ...] = get_args(Variable)
DUTIES: tuple[DutyKind, ...] = get_args(DutyKind)
REACHES: tuple[Reach, ...] = get_args(Reach)


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one variable of the intended use.

    Args:
        variable: What is compared.
        operator: `in` and `not in` a list of values; an order; or how a name begins.
        values: What it is compared with; one value for orders.
    """

    variable: Variable
    operator: Operator
    values: tuple[Value, ...]

    def holds(self, value: Value | None) -> bool | None:
        """Whether it holds; None where the value is not known."""
        if value is None:
            return None
        if self.operator in ("in", "not in"):
            names = value if isinstance(value, frozenset) else (value,)
            listed = {_folded(one) for one in self.values}
            found = any(_folded(name) in listed for name in names)
            return found == (self.operator == "in")
        if self.operator == "starts with":
            return str(value).lower().startswith(tuple(str(v).lower() for v in self.values))
        return _ordered(self.operator, value, self.values[0])

    def __str__(self) -> str:
        values = " or ".join(_shown(value) for value in self.values)
        words = {"in": "is", "not in": "is not"}
        return f"{self.variable} {words.get(self.operator, self.operator)} {values}"


@dataclass(frozen=True, slots=True)
class Duty:
    """What has to be done.

    Args:
        kind: Which duty.
        values: What it needs: the text of a notice, the names of licences or prefixes, a day.
    """

    kind: DutyKind
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of an agreement.

    Args:
        effect: `permit`, `forbid` or `require`.
        acts: The acts it speaks of; a duty falls due with any of them.
        when: All must hold; none means always.
        duty: Of a `require`.
        reach: How far it travels from the work.
        start: Where that begins: with `derived` it does not speak of copies of the work as it is.
        basis: Whether the text states that it travels so far.
        of: Kinds of works it speaks of; a licence may bind a model as it does not bind data.
        to: Kinds of result the act is done to (`share` the data, but not the model).
        licensor: Of a contested rule: whether who gave the licence says that it applies.
        clause: Where in the text it stands.
    """

    effect: Effect
    acts: frozenset[Act] = ACTS
    when: tuple[Condition, ...] = ()
    duty: Duty | None = None
    reach: Reach = "copies"
    start: Reach = "copies"
    basis: Basis = "stated"
    of: frozenset[Kind] = KINDS
    to: frozenset[Kind] = KINDS
    licensor: bool | None = None
    clause: str = ""

    def covers(self, distance: Reach) -> bool:
        """Whether it speaks of what is at a distance from the work."""
        first, last = REACHES.index(self.start), REACHES.index(self.reach)
        return first <= REACHES.index(distance) <= last

    def holds(self, use: Mapping[str, Value]) -> bool | None:
        """Whether its conditions hold for an intended use; None if that hangs on what is unknown.

        Kleene's strong logic: one condition that fails decides, whatever else is unknown.
        """
        found = [condition.holds(use.get(condition.variable)) for condition in self.when]
        if False in found:
            return False
        return None if None in found else True


def _ordered(operator: Operator, value: Value, bound: Value) -> bool:
    a, b = (float(v) if isinstance(v, int) else v for v in (value, bound))
    if not (
        (isinstance(a, float) and isinstance(b, float))
        or (isinstance(a, date) and isinstance(b, date))
    ):
        raise TypeError(f"{value!r} and {bound!r} have no order")
    below, equal = a < b, a == b  # type: ignore[operator]
    return {"<": below, "<=": below or equal, ">": not (below or equal), ">=": not below}[operator]


def _folded(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else value


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
