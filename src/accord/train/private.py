"""Private training as a recipe asks for it: units, noise, order and gradient of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from accord.accounting.calibrate import epsilon_of
from accord.accounting.mechanism import mechanism_json
from accord.batch import PreparedSplit
from accord.batch.order import Order
from accord.batch.team import Team
from accord.errors import DataError
from accord.model.guarantee import PRIVATE
from accord.privacy.members import Members, grouped
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from accord.recipe.context import Context
from accord.recipe.privacy import Privacy
from accord.recipe.train import Train
from accord.recipe.tree import Recipe
from accord.train.place import Place
from accord.train.private_terms import terms_of
from accord.train.releases import (
    Charged,
    Record,
    Releases,
    forget,
    key_of,
    record_in,
    released,
    secret_of,
)

NOT_COVERED = (
    "the losses in the log, which are of training rows",
    "the division into splits, the names of the classes, and the numbers of rows",
    "the plain baseline, which learns from the training rows without noise",
)
FIGURES: Mapping[Literal["validation", "test"], str] = {
    "validation": "the metrics on validation rows",
    "test": "metrics, predictions and slices of test rows",
}


@dataclass(frozen=True, slots=True)
class Private:
    """What replaces order and gradient of an ordinary training."""

    order: Order
    gradient: Charged


def private_training(
    recipe: Recipe,
    split: PreparedSplit,
    spec: Train,
    context: Context,
    place: Place,
    team: Team,
    *,
    divided: bool = False,
) -> Private | None:
    """Order and gradient of a private run; None where the recipe wants none. The whole cost is
    reserved when it returns.

    Args:
        recipe: Section `privacy` is read.
        split: The training rows.
        spec: How the weights are learned.
        context: The run.
        place: Of the checkpoints, where the secret lies; its log is told the plan.
        team: The processes that train. Only the lead charges, and before the others begin.
        divided: Whether each holds a part of every weight.

    Raises:
        BudgetError: A budget does not suffice; nothing was charged.
        DataError: There are no rows.
    """
    privacy = recipe.privacy
    if privacy is None:
        return None
    if not split.rows:
        raise DataError(
            "there are no training rows", code="split-empty", fix="look at what was removed"
        )
    starts, positions = grouped(owners(split, privacy))
    if not team.leads:
        team.wait()
    secret = secret_of(place.folder)
    key, before = key_of(context.identity, secret), record_in(context.run)
    if before is not None and before.segments[-1].key == key:
        noise, delta = before.segments[-1].mechanism.noise_multiplier, before.delta
    else:
        noise, delta = None, context.charges.delta
    terms = terms_of(privacy, spec, len(starts) - 1, delta, noise)
    course = terms.course
    plan = PrivacyPlan(
        noise_multiplier=terms.mechanism.noise_multiplier,
        sampling_probability=course.probability,
        expected_batch=course.probability * terms.units,
        steps=terms.steps,
        clipping=privacy.clipping,
        rows_per_unit=privacy.rows_of_unit,
        column=tuple(course.column()),
        secure_noise=privacy.secure_noise,
        secret=secret,
    )
    # What cannot be is refused here, before anything is charged.
    gradient = PrivateGradient(plan, team=team, divided=divided)
    facts = (terms.units, terms.delta, course.each)
    releases = None
    if team.leads:
        releases = Releases(
            context.run, key, terms.mechanism, terms.charges, facts, context.charges
        )
        team.wait()
    place.log.emit(
        "private",
        noise_multiplier=plan.noise_multiplier,
        sampling_probability=plan.sampling_probability,
        steps=plan.steps,
        unit=privacy.unit,
        units=terms.units,
        delta=terms.delta,
        bands=len(plan.column),
    )
    order = course.order(Members(starts, positions, privacy.rows_of_unit, secret))
    return Private(order, Charged(gradient, releases, team))


def owners(split: PreparedSplit, privacy: Privacy) -> npt.NDArray[np.int64]:
    """The unit of each row [rows]. A record of a language model is a document, which may be
    several rows; of other tasks a row, and with it the changed copies that were made of it, which
    bear its number."""
    if split.schema["problem"] == "next-token":
        assets = [found[0] for found in split.table["document_assets"].to_pylist()]
        rows = [found[0] for found in split.table["documents"].to_pylist()]
        named = assets if privacy.unit == "source" else list(zip(assets, rows, strict=True))
    elif privacy.unit == "record":
        columns = (split.table[name].to_pylist() for name in ("asset", "row"))
        named = list(zip(*columns, strict=True))
    else:
        (column,) = privacy.looks_at
        named = split.table[f"carried:{column}"].to_pylist()
    numbers: dict[Any, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in named], dtype=np.int64)


def close(recipe: Recipe, context: Context, checkpoints: Path, model: Path) -> None:
    """Training is over and saved: the guarantee goes into the model, and the secret goes."""
    if recipe.privacy is None:
        return
    record = record_in(context.run)
    assert record is not None
    facts = guarantee(recipe.privacy, record)
    (model / PRIVATE).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    context.log.emit("privacy", **facts)
    forget(checkpoints)


def private_figures(privacy: Privacy) -> list[str]:
    """Figures that a run writes down of rows which nobody said are public."""
    return [told for split, told in FIGURES.items() if split not in privacy.public]


def guarantee(privacy: Privacy, record: Record) -> dict[str, Any]:
    """JSON value of what a run promises: by all that may have happened, never less."""
    composition, last = released(record.segments), record.segments[-1].mechanism
    return {
        "epsilon": epsilon_of(composition, record.delta, privacy.accountant),
        "delta": record.delta,
        "accountant": privacy.accountant,
        "unit": privacy.unit,
        "units": record.units,
        "relation": last.relation,
        "noise_multiplier": last.noise_multiplier,
        "sampling_probability": last.sampling_probability,
        "steps": record.each * sum(steps for _, steps in composition),
        "mechanism": privacy.mechanism.model_dump(mode="json"),
        "clipping": privacy.clipping.model_dump(mode="json"),
        "secure_noise": privacy.secure_noise,
        "mechanisms": [{**mechanism_json(m), "steps": steps} for m, steps in composition],
        "covered": [f"what the weights tell of one {privacy.unit} of the training rows"],
        "not_covered": [*NOT_COVERED, *private_figures(privacy)],
    }
