"""The steps of private training, charged to the budgets of those who gave the data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.accounting.mechanism import Mechanism
from accord.accounting.unit import UNITS, Unit
from accord.agreement.charging import CHARGES
from accord.agreement.ledger.reservation import PREPARATION, STEPS
from accord.agreement.short import Budget
from accord.errors import BudgetError, raise_all
from accord.permit import Permit
from accord.recipe.context import Charges
from accord.recipe.privacy import Privacy
from accord.recipe.tree import Recipe

if TYPE_CHECKING:
    from accord.agreement.ledger.filter import Balance, Total
    from accord.agreement.ledger.lease import Charge, Lease
    from accord.agreement.ledger.ledger import Ledger

COVERS: dict[Unit, frozenset[Unit]] = {
    "record": frozenset(("record",)),
    "user": frozenset(("record", "user", "group")),
    "group": frozenset(("record", "user", "group")),
    "source": frozenset(("record", "source")),
}
"""Whose contribution is hidden too where that of a unit is: no record of a user shows if no user
does. A column that names users may as well name groups."""


def steps_charged(recipe: Recipe, permit: Permit) -> frozenset[str]:
    """Works of which a recipe lets out nothing but its private steps: those it learns from."""
    if recipe.privacy is None:
        return frozenset()
    return frozenset(asset.work for asset in permit.assets if asset.role == "train")


def charges_of(folder: Path) -> Charges:
    """What the private steps of the run in a folder are charged to, as `charge` left it there."""
    return _Steps(folder)


@dataclass(slots=True)
class _Steps:
    """Charges on every account of the run, by one reservation."""

    folder: Path
    _lease: Lease | None = field(default=None, init=False)

    @property
    def delta(self) -> float | None:
        given = [found["given"]["delta"] for found in self._budgets().values()]
        return min((delta for delta in given if delta is not None), default=None)

    def reserve(self, mechanism: Mechanism, first: int, steps: int) -> None:
        charges = self._charges(mechanism, first, steps)
        if not charges:
            return
        with _ledger() as ledger:
            run = self._content()["run"]
            held = any(r.run == run and r.is_for(charges) for r in ledger.reservations())
            if not held:
                raise_all([p for p in (_short(ledger, c) for c in charges) if p is not None])
            self._lease = ledger.reserve(run, charges, STEPS)

    def spend(self, upto: int) -> None:
        if self._lease is not None and upto > self._lease.mark:
            with _ledger() as ledger:
                self._lease = ledger.spend(self._lease, upto)

    def give_back(self) -> None:
        if self._lease is not None:
            with _ledger() as ledger:
                ledger.settle(self._lease)
            self._lease = None

    def _content(self) -> dict[str, Any]:
        path = self.folder / CHARGES
        return json.loads(path.read_text("utf-8")) if path.is_file() else {}

    def _budgets(self) -> dict[str, Any]:
        content = self._content()
        return {name: content["budgets"][name] for name in content.get("private", ())}

    def _charges(self, mechanism: Mechanism, first: int, steps: int) -> tuple[Charge, ...]:
        from accord.agreement.ledger.account import Account
        from accord.agreement.ledger.lease import Charge

        units: dict[str, Unit] = {str(unit): unit for unit in UNITS}
        found: list[Charge] = []
        for name, budget in self._budgets().items():
            unit = units[budget["unit"]]
            as_counted = replace(mechanism, unit=unit)
            if unit not in COVERS[mechanism.unit]:
                raise _of_another_unit(name, unit, mechanism.unit)
            found.append(Charge(Account(name, name, unit), steps, as_counted, first))
        return tuple(found)


def priced_steps(
    recipe: Recipe,
    permit: Permit,
    budgets: Mapping[str, Budget],
    plans: Sequence[tuple[Mechanism, int]],
    folder: Path | None = None,
) -> list[list[dict[str, Any]]]:
    """What each plan of private steps would reserve of each budget; nothing is charged.

    Args:
        budgets: What may be spent, by the agreement's id.
        plans: The mechanism of a step, and how many.
        folder: The run directory, which may have been charged already.

    Returns:
        For each plan and each work that the recipe learns from: `agreement`, `unit`, `cap`,
        `delta` (None without a limit), `charged` before, `cost`, the total `after`, what is `left`,
        and whether it `fits`.

    Raises:
        BudgetError: A budget is about another unit, or opening the data does not fit.
    """
    known = _balances(recipe, permit, budgets, folder)
    return [[_priced(balance, *plan) for balance in known] for plan in plans]


def weighed_steps(
    recipe: Recipe,
    permit: Permit,
    budgets: Mapping[str, Budget],
    plan: tuple[Mechanism, int],
    folder: Path | None = None,
) -> tuple[list[dict[str, Any]], list[BudgetError]]:
    """The prices of a plan, as of `priced_steps`, and why it would not be reserved, with three ways
    out, each priced; by one look at the ledger. A run that has reserved already is not refused."""
    from accord.agreement.ledger.lease import Charge

    mechanism, steps = plan
    known = _balances(recipe, permit, budgets, folder)
    prices = [_priced(balance, *plan) for balance in known]
    if folder is not None and (folder / CHARGES).is_file():
        return prices, []
    found = (
        refused_for(
            one,
            [Charge(one.account, steps, replace(mechanism, unit=one.account.unit), 1)],
            _total(one, recipe.privacy),
        )
        for one in known
    )
    return prices, [problem for problem in found if problem is not None]


def _total(balance: Balance, privacy: Privacy | None) -> Total:
    """The exact total of a plan, told fast where it is clear whether the run's will fit."""
    from accord.accounting.odometer import APART, beside

    cap = math.inf if balance.cap.epsilon is None else balance.cap.epsilon
    wanted = None if privacy is None or privacy.delta is not None else privacy.epsilon
    # The run takes more noise until dp-accounting has it within `wanted`, so that will fit.
    below = 1.0 if wanted is not None and wanted <= cap else APART
    return partial(beside, bound=cap, below=below)


def _balances(
    recipe: Recipe, permit: Permit, budgets: Mapping[str, Budget], folder: Path | None
) -> list[Balance]:
    from accord.agreement.allowance import balances

    learnt = {name: one for name, one in budgets.items() if name in steps_charged(recipe, permit)}
    return balances(learnt, folder, PREPARATION)


def _priced(balance: Balance, mechanism: Mechanism, steps: int) -> dict[str, Any]:
    from accord.accounting.mechanism import composed
    from accord.accounting.odometer import COARSE, epsilon
    from accord.agreement.ledger.filter import admit
    from accord.agreement.ledger.lease import Charge
    from accord.agreement.ledger.reservation import planned

    account, cap = balance.account, balance.cap
    if account.unit not in COVERS[mechanism.unit]:
        raise _of_another_unit(account.agreement, account.unit, mechanism.unit)
    charges = [Charge(account, steps, replace(mechanism, unit=account.unit), 1)]
    plan = planned(charges)
    found: dict[str, Any] = {"agreement": account.agreement, "unit": account.unit}
    found["cap"] = cap.epsilon
    if cap.epsilon is None or cap.delta is None:
        nothing = dict.fromkeys(("delta", "charged", "cost", "after", "left"))
        return found | nothing | {"fits": True}
    after = epsilon(composed((*balance.charged, *plan)), cap.delta, COARSE)
    told: dict[str, Any] = {
        "delta": cap.delta,
        "charged": epsilon(balance.charged, cap.delta, COARSE),
        "cost": epsilon(plan, cap.delta, COARSE),
        "after": after,
        "left": max(cap.epsilon - after, 0.0),
    }
    if balance.unprotected:
        return found | told | {"charged": None, "after": None, "fits": False}
    return found | told | {"fits": admit(balance, plan, COARSE).rule is not None}


def price_line(price: Mapping[str, Any]) -> str:
    """What private steps take of a budget and leave of it, for people."""
    whose = f"{price['agreement']} by {price['unit']}"
    if price["cap"] is None:
        return f"{whose}: no limit, only recorded"
    given = f"of epsilon {price['cap']:g} at delta {price['delta']:g}"
    if price["fits"]:
        return f"{whose}: takes {price['cost']:.4g}, leaves {price['left']:.4g} {given}"
    cost = price["cost"]
    told = f"costs {cost:.4g}" if cost is not None and math.isfinite(cost) else "costs too much"
    return f"{whose}: does not fit, {told}, {price['charged'] or 0:.4g} {given} is charged already"


def _ledger() -> Ledger:
    from accord.agreement.ledger.ledger import Ledger
    from accord.agreement.ledger.place import default_location

    return Ledger.open(default_location())


def _short(ledger: Ledger, charge: Charge) -> BudgetError | None:
    """Why a charge does not fit, with its price and three ways to make it fit."""
    return refused_for(ledger.balance(charge.account), [charge])


def refused_for(
    balance: Any, charges: Sequence[Charge], total: Total | None = None
) -> BudgetError | None:
    """The refusal of charges on an account, each way out priced; None if they fit. `total` as of
    `admit`: with it the figures are a forecast's."""
    from accord.agreement.ledger.cost import cost, ways
    from accord.agreement.ledger.filter import admit
    from accord.agreement.ledger.reservation import planned

    if admit(balance, planned(charges), total=total).rule is not None:
        return None
    found = cost(balance, charges, total)
    ((mechanism, steps),) = {(c.mechanism, c.steps) for c in charges}
    assert mechanism is not None
    out = ways(balance, charges, total)
    told = [_way(way.change, way.plan, way.cap, way.epsilon) for way in out]
    many = "passes" if mechanism.sampling == "none" else "steps"
    left = "nothing" if found.before is None else f"epsilon {found.before:.4g}"
    return BudgetError(
        "the privacy budget does not suffice for this run",
        code="budget-epsilon",
        path=str(balance.account),
        got=f"{steps:,} {many} at a noise multiplier of {mechanism.noise_multiplier:g} and a "
        f"sampling rate of {mechanism.sampling_probability:.4g} cost epsilon {found.epsilon:.4g}; "
        f"{left} is charged already, and {found.needed:.4g} would be needed",
        expected=f"at most {found.cap:g} at delta {found.delta:g}",
        why="what was learned of the data cannot be taken back; the agreement caps it for all runs",
        fix="; or ".join(told) or "no number of steps and no noise fits: use other data",
    )


def _way(change: str, plan: Any, cap: float, epsilon: float) -> str:
    ((mechanism, steps),) = plan
    price = f"(then {epsilon:.4g} of {cap:g} are charged)"
    noise = f"privacy: {{noise_multiplier: {mechanism.noise_multiplier:g}}}"
    match change:
        case "steps":
            many = "epochs" if mechanism.sampling == "none" else "steps"
            return f"fewer {many}: `train: {{{many}: {steps}}}` at `{noise}` {price}"
        case "noise":
            return f"more noise: `{noise}` instead of an epsilon {price}"
        case _:
            return f"a budget of epsilon {cap:g} from the rights holder (`accord ledger amend`)"


def _of_another_unit(name: str, counted: str, unit: str) -> BudgetError:
    return BudgetError(
        "the privacy plan and the budget are not about the same thing",
        code="budget-mixed",
        path=name,
        got=f"privacy.unit: {unit}",
        expected=counted,
        why=f"hiding a {unit} does not hide a {counted}, which may have many",
        fix=f"set `privacy.unit: {counted if counted != 'group' else 'user'}`",
    )


__all__ = [
    "charges_of",
    "price_line",
    "priced_steps",
    "refused_for",
    "steps_charged",
    "weighed_steps",
]
