"""What an agreement file says in short (`acts`, `until`, `purpose` ...), as rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from accord.rule import ACTS, Act, Condition, Duty, Rule, Variable

Done = Literal["train", "evaluate", "use", "serve", "share", "train-on-output"]
RESULTS: tuple[Act, ...] = ("use", "serve", "share")
"""Acts on what is made of a work, which a list of acts that lacks them does not allow."""
GIVEN: frozenset[Act] = frozenset(("share", "serve"))
TRAINING: frozenset[Act] = frozenset(("train",))


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent of a work.

    Args:
        epsilon, delta: Privacy loss, over all runs together.
        unit: Of privacy: one record, or all of one user, group or source.
        runs: Training runs.
        accesses: Times the data may be opened.
    """

    epsilon: float | None = None
    delta: float | None = None
    unit: Literal["record", "user", "group", "source"] = "record"
    runs: int | None = None
    accesses: int | None = None


@dataclass(frozen=True, slots=True)
class Short:
    """Terms in short; None or empty where nothing is said.

    Args:
        acts: What may be done; what is not listed may not.
        since, until: First and last day.
        purpose, region, party: Where the terms hold for some only.
        commercial: Whether commercial use is allowed.
        cite: What must be cited.
        delete_by: Day by which copies must be deleted.
        encrypted: Whether copies must be encrypted wherever they lie.
        budget: What may be spent; the ledger keeps to it.
    """

    acts: frozenset[Done] | None = None
    since: date | None = None
    until: date | None = None
    purpose: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    party: tuple[str, ...] = ()
    commercial: bool | None = None
    cite: str | None = None
    delete_by: date | None = None
    encrypted: bool | None = None
    budget: Budget | None = None


def rules_of(short: Short) -> tuple[Rule, ...]:
    """The rules that the short form stands for."""
    return (*_acts(short), *_limits(short), *_duties(short))


def _acts(short: Short) -> Iterator[Rule]:
    if short.acts is None:
        return
    plain = {"evaluate": "train"}
    allowed: frozenset[Act] = frozenset(
        act for act in ACTS if act in {plain.get(a, a) for a in short.acts}
    )
    roles = tuple(r for r, a in (("train", "train"), ("eval", "evaluate")) if a in short.acts)
    if len(roles) == 1:
        yield Rule("permit", TRAINING, (Condition("role", "in", roles),), clause="acts")
        allowed = allowed - TRAINING
    if allowed:
        yield Rule("permit", allowed, clause="acts")
    # Of a model that was trained on it a list of acts says nothing outright.
    for act in RESULTS:
        given = act in short.acts or (act == "serve" and "share" in short.acts)
        if not given:
            reach, basis = ("derived", "contested")
            yield Rule("forbid", frozenset((act,)), reach=reach, basis=basis, clause="acts")


def _limits(short: Short) -> Iterator[Rule]:
    several: tuple[tuple[Variable, tuple[str, ...]], ...] = (
        ("purpose", short.purpose),
        ("region", short.region),
        ("party", short.party),
    )
    for variable, values in several:
        if values:
            when = (Condition(variable, "not in", values),)
            yield Rule("forbid", when=when, reach="derived", clause=variable)
    if short.commercial is False:
        when = (Condition("commercial", "in", (True,)),)
        yield Rule("forbid", when=when, reach="derived", clause="commercial")
    if short.since is not None:
        yield Rule("forbid", when=(Condition("date", "<", (short.since,)),), clause="since")
    if short.until is not None:
        yield Rule("forbid", when=(Condition("date", ">", (short.until,)),), clause="until")


def _duties(short: Short) -> Iterator[Rule]:
    if short.cite is not None:
        yield Rule(
            "require", GIVEN, duty=Duty("cite", (short.cite,)), reach="derived", clause="cite"
        )
    if short.delete_by is not None:
        duty = Duty("delete-by", (short.delete_by.isoformat(),))
        yield Rule("require", TRAINING, duty=duty, clause="delete_by")
    if short.encrypted:
        yield Rule("require", TRAINING, duty=Duty("encrypt"), clause="encrypted")
    budget = short.budget
    if budget is not None and budget.epsilon is not None:
        values = tuple(str(v) for v in (budget.epsilon, budget.delta) if v is not None)
        yield Rule("require", TRAINING, duty=Duty("dp", values), clause="budget")
