"""A plan that somebody asks the price of: noise, sampling and steps; and what it would cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from accord.accounting.mechanism import Mechanism
from accord.accounting.unit import invalid
from accord.agreement.ledger.cost import Cost, Way, cost, ways
from accord.agreement.ledger.filter import Balance
from accord.agreement.ledger.lease import Charge
from accord.errors import RecipeError
from accord.recipe.names import nearest

OPTION = "--plan"
FIELDS = ("noise_multiplier", "sampling_rate", "steps")
EXAMPLE = "noise_multiplier=1.1,sampling_rate=0.01,steps=1000"


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of a Gaussian mechanism.

    Args:
        noise_multiplier: Standard deviation of the noise over the clipping norm.
        steps: How many.
        sampling_rate: Probability that a unit takes part in a step; 1 without sampling.
    """

    noise_multiplier: float
    steps: int
    sampling_rate: float = 1.0

    def on(self, balance: Balance) -> Charge:
        """The charge on an account, about whose units and neighbours the plan then is."""
        account, relation = balance.account, balance.cap.relation
        mechanism = Mechanism(
            self.noise_multiplier,
            self.sampling_rate,
            "none" if self.sampling_rate == 1 else "poisson",
            relation,
            account.unit,
        )
        return Charge(account, self.steps, mechanism)


def plan_from(text: str) -> Plan:
    """The plan in `noise_multiplier=1.1,sampling_rate=0.01,steps=1000`.

    Raises:
        RecipeError: It is none.
    """
    given = dict(_field(part) for part in text.split(",") if part.strip())
    for name in ("noise_multiplier", "steps"):
        if name not in given:
            raise invalid(OPTION, text, f"`{name}`, as in {EXAMPLE}")
    steps = given["steps"]
    if not steps.is_integer() or steps < 1:
        raise invalid(f"{OPTION} steps", steps, "a whole number from 1")
    plan = Plan(given["noise_multiplier"], int(steps), given.get("sampling_rate", 1.0))
    Mechanism(plan.noise_multiplier, plan.sampling_rate)  # refuses what is out of range
    return plan


def priced(balance: Balance, plan: Plan) -> dict[str, Any]:
    """JSON value of what a plan would cost on an account.

    `epsilon` is the plan's by itself, `before` and `after` what is charged in all, by the exact
    composition; `needed` the smallest cap that admits it. None where there is no delta, or no cap
    would do. `ways` are changes that make a plan fit that does not.

    Raises:
        MissingExtra: dp-accounting is not installed.
    """
    charges = [plan.on(balance)]
    found = cost(balance, charges)
    short = [
        name
        for name, is_short in (
            ("epsilon", found.rule is None),
            ("accesses", found.accesses_left == 0),
            ("runs", found.runs_left == 0),
        )
        if is_short
    ]
    return {
        "runs": 1,
        "accesses": 1,
        "epsilon": found.epsilon,
        "before": None if balance.unprotected else found.before,
        "after": None if balance.unprotected else found.after,
        "needed": _needed(found),
        "fits": not short,
        "short": short,
        "ways": [_way(way) for way in ways(balance, charges)],
    }


def _needed(found: Cost) -> float | None:
    return found.needed if found.cap is not None and math.isfinite(found.needed) else None


def _way(way: Way) -> dict[str, Any]:
    ((mechanism, steps),) = way.plan
    return {
        "change": way.change,
        "noise_multiplier": mechanism.noise_multiplier,
        "steps": steps,
        "cap": way.cap,
        "epsilon": way.epsilon,
    }


def _field(part: str) -> tuple[str, float]:
    name, sign, value = (piece.strip() for piece in part.partition("="))
    if name not in FIELDS:
        near = nearest(name, FIELDS)
        raise RecipeError(
            f"a plan has no {name!r}",
            code="budget-value",
            path=OPTION,
            got=part.strip(),
            expected=EXAMPLE,
            fix=f"did you mean `{near}`?" if near else "name noise, sampling and steps",
        )
    try:
        return name, float(value)
    except ValueError:
        raise invalid(f"{OPTION} {name}", f"{name}{sign}{value}", "a number") from None
