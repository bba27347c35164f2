"""`accord privacy plan`: what private settings come to, before anything is trained or charged."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accord.agreement.private_steps import price_line, priced_steps
from accord.agreement.sealing import key_held
from accord.agreement.short import Budget
from accord.agreement.stage import permit_and_budgets
from accord.data.units import Counted, counted, schema_of, unseen
from accord.diagnose.estimate import estimate_trained
from accord.diagnose.shape import shape_of, stored_parameters
from accord.diagnose.trained import told_trained
from accord.errors import BudgetError, RecipeError
from accord.permit import Permit
from accord.recipe.load import Loaded
from accord.recipe.privacy import Privacy
from accord.recipe.tree import Recipe
from accord.train.private_outlook import Advice, Outcome, Start, advice, at_epsilon, outcome

EPSILONS = (1.0, 2.0, 3.0, 5.0, 8.0)
RANK = 8
"""Of the adapters that are looked at instead of full training."""
LARGEST = 500_000_000
"""Weights above which a model is not built to count what is trained: it is estimated."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One epsilon: what it comes to, and what remains of each budget.

    Args:
        asked: Whether it is the recipe's own.
        budgets: As `priced_steps` has them.
    """

    asked: bool
    outcome: Outcome
    budgets: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """All that is told.

    Args:
        unit, units: Whose contribution is hidden, and how many there are.
        counted: Whether they were counted in the data; else the recipe names them.
        exact: Whether trained weights were counted; else they are estimated.
        clipping: Kind.
        choices: One for each epsilon.
        advice: Changes, the largest first, for the recipe's own epsilon.
    """

    unit: str
    units: int
    counted: bool
    exact: bool
    clipping: str
    choices: tuple[Choice, ...]
    advice: tuple[Advice, ...]

    @property
    def own(self) -> Choice:
        """The recipe as it stands."""
        return next(choice for choice in self.choices if choice.asked)

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        return asdict(self)


def plan_privacy(loaded: Loaded, epsilons: Sequence[float] = ()) -> Planned:
    """Forecast a private run at several epsilons.

    Rows are counted where a permit allows it for nothing, and never learned from; no budget is
    charged.

    Args:
        loaded: The recipe, with a section `privacy`.
        epsilons: Beside the recipe's own; by default `EPSILONS`.

    Raises:
        AccordError: What would stop a run, but for a budget that does not suffice.
    """
    recipe, base = loaded.recipe, loaded.base
    privacy = recipe.privacy
    if privacy is None:
        raise _not_private()
    with loaded.placing(), key_held(recipe, base):
        permit, budgets = permit_and_budgets(recipe, base)
        seen = _seen(recipe, permit, base, budgets)
        units = seen.units
        weights, exact = _trained(recipe, base, seen)
    deltas = [b.delta for b in budgets.values() if b.delta is not None]
    delta = min(deltas, default=None)

    def at(changed: Privacy) -> Outcome:
        return outcome(changed, recipe.train, units, weights, delta)

    own = at(privacy)
    asked = [e for e in (epsilons or EPSILONS) if e != privacy.epsilon]
    found = [(at(at_epsilon(privacy, e)), False) for e in asked]
    found = sorted([*found, (own, True)], key=lambda one: one[0].epsilon)
    plans = [(one.terms.mechanism, one.terms.charges) for one, _ in found]
    prices = priced_steps(recipe, permit, budgets, plans)
    adapters = _adapters(recipe, base, seen)
    told = advice(own, privacy, recipe.train, adapters, units, start=_start(recipe))
    return Planned(
        unit=privacy.unit,
        units=own.terms.units,
        counted=privacy.units is None,
        exact=exact,
        clipping=privacy.clipping.kind,
        choices=tuple(
            Choice(is_own, one, tuple(price))
            for (one, is_own), price in zip(found, prices, strict=True)
        ),
        advice=tuple(told),
    )


def _seen(recipe: Recipe, permit: Permit, base: Path, budgets: Mapping[str, Budget]) -> Counted:
    assert recipe.privacy is not None
    closed = [name for name, budget in budgets.items() if budget.accesses is not None]
    if recipe.privacy.units and closed:
        return unseen(recipe, recipe.privacy.units)
    if closed:
        raise BudgetError(
            "counting these data would be an access, and each is charged",
            code="plan-uncounted",
            path="privacy.units",
            got=", ".join(closed),
            why="a plan charges nothing",
            fix="say how many there are: `--set privacy.units=10000`",
        )
    return counted(recipe, permit, base)


def _trained(recipe: Recipe, base: Path, seen: Counted) -> tuple[int, bool]:
    """How many weights are trained, and whether that was counted: in the headers of the base's
    files, or in the model itself."""
    told = told_trained(recipe, base, len(seen.labels))
    if told is not None:
        return told, True
    folder = base / recipe.model.base if recipe.model.base else None
    stored = stored_parameters(folder) if folder is not None and folder.is_dir() else None
    shape = shape_of(recipe, base)
    size = stored or (shape.parameters if shape is not None else None)
    if size is not None and size <= LARGEST:
        from accord.train.count import trained_weights

        return trained_weights(recipe, schema_of(recipe, base, seen), base), True
    if shape is None:
        raise RecipeError(
            "the base model is not on this machine, so its weights cannot be counted",
            code="plan-model",
            path="model.base",
            got=recipe.model.base,
            fix="download it first, or name a folder that holds it",
        )
    return estimate_trained(recipe, shape), False


def _start(recipe: Recipe) -> Start:
    if recipe.model.base is None:
        return "new"
    return "base" if recipe.model.adapt.kind == "full" else "adapters"


def _adapters(recipe: Recipe, base: Path, seen: Counted) -> dict[str, int]:
    """Weights that LoRA would train instead; empty where it is used already, or nothing is there
    to be adapted."""
    if recipe.model.adapt.kind != "full" or recipe.model.base is None:
        return {}
    raw = recipe.model.model_dump(mode="json") | {"adapt": {"kind": "lora", "rank": RANK}}
    model = type(recipe.model).model_validate(raw)
    weights, _ = _trained(recipe.model_copy(update={"model": model}), base, seen)
    return {f"model.adapt: {{kind: lora, rank: {RANK}}}": weights}


def lines(found: Planned) -> list[str]:
    """What people are shown."""
    own = found.own.outcome
    how = "counted" if found.counted else "as the recipe says"
    several = f"{found.unit}s" if found.units != 1 else found.unit
    weights = f"{own.weights:,}" if found.exact else f"about {own.weights:,} (estimated)"
    told = [
        f"units        {found.units:,} {several} ({how}), delta {own.terms.delta:g}",
        f"batch        {own.batch:,.4g} expected, {own.terms.course.probability:.4g} of all; "
        f"{own.terms.steps:,} steps",
        f"weights      {weights} trained, {found.clipping} clipping",
        "",
        "  epsilon    noise   signal/noise: step     run   outlook",
    ]
    for choice in found.choices:
        one = choice.outcome
        mark = "*" if choice.asked else " "
        told.append(
            f"{mark} {one.epsilon:7.4g}  {one.terms.mechanism.noise_multiplier:7.4g}"
            f"           {one.step_signal:10.3g}  {one.run_signal:6.3g}   {one.outlook}"
        )
        told += [f"             {price_line(price)}" for price in choice.budgets]
    told += ["* as the recipe stands", ""]
    for one in found.advice:
        told.append(f"instead      {one.change}")
        told.append(f"             {one.why}")
    if not found.advice:
        told.append("instead      nothing better was found")
    return told


def as_line(found: Planned) -> str:
    """JSON on one line."""
    return json.dumps(found.to_json(), ensure_ascii=False, default=str)


def _not_private() -> RecipeError:
    return RecipeError(
        "the recipe does not train privately",
        code="plan-not-private",
        path="privacy",
        expected="a section `privacy`",
        fix="write `privacy: {epsilon: 8}`, or add `--set privacy.epsilon=8`",
    )


__all__ = ["Planned", "as_line", "lines", "plan_privacy"]
