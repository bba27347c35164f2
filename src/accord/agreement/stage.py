"""Stage 1: agreements are read and judged, and turned into the permit that opens the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from accord.agreement.agreement_file import read_agreement
from accord.agreement.assets import locate, locate_model
from accord.agreement.charging import charge
from accord.agreement.images import beside_tables
from accord.agreement.judge import Taken, budgets_of, granted, judged
from accord.agreement.private_steps import steps_charged
from accord.agreement.sealing import require_sealed, seal_under
from accord.agreement.short import Budget
from accord.agreement.signed_permit import sign_permit
from accord.agreement.trust import trusted_keys, unsigned
from accord.agreement.verdict.record import to_json
from accord.agreement.works import (
    OWN,
    base_agreement,
    base_work,
    budgets_in,
    declared_data,
    withdrawn_from,
    work_of,
)
from accord.artifact import MANIFEST, Artifact, open_artifact
from accord.directories import placed_model
from accord.errors import AccordError, RecipeError, raise_all
from accord.part import Reading, Spec
from accord.permit import ANSWERING, Asset, Permit, Role
from accord.recipe.context import Context
from accord.recipe.data import Trust
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe
from accord.terms import Terms, terms_of
from accord.work import Bond

if TYPE_CHECKING:
    from accord.agreement.signing.keys import PublicKey

LEARNT: frozenset[Role] = frozenset(("train", "task", "base", "files"))
"""Roles of what ends up in the model as it is; of a teacher only its answers do."""
SOURCES: tuple[Role, ...] = ("train", "validation", "test", "benchmark", "task")
Sources = dict[Role, tuple[str, ...]]
"""Locations of data as the recipe names them, by role."""


def grant(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Make the `permit` artifact; what may be used so many times only is charged first.

    Raises:
        AgreementError: An agreement does not allow what the recipe does.
        BudgetError: What may be spent of a data set does not suffice.
        RecipeError: An agreement file is missing or wrong.
        DataError: A source has no file.
    """
    permit, budgets = permit_and_budgets(recipe, context.base)
    charge(budgets, context.run, private=steps_charged(recipe, permit))
    seal_under(recipe, permit, context.run)
    identity = permit.identity(context.identity)
    with context.store.create("permit", identity, terms=permit.terms) as folder:
        permit.save(folder)
        sign_permit(folder)
    return open_artifact(context.store.location("permit", identity))


def permit_for(recipe: Recipe, base: Path, on: date | None = None) -> Permit:
    """The permit of a recipe on a day (today): judged first, then the files resolved.

    Args:
        recipe: `data`, `model`, `use` and `release` are read.
        base: Folder that relative paths start from.
        on: Day of the training.
    """
    return permit_and_budgets(recipe, base, on)[0]


def permit_and_budgets(
    recipe: Recipe, base: Path, on: date | None = None, roles: Sequence[Role] = SOURCES
) -> tuple[Permit, dict[str, Budget]]:
    """The permit, and what may be spent of each work: `charge` it before the permit is used.

    Args:
        recipe, base, on: As of `permit_for`.
        roles: Data sources of other roles are left out.
    """
    on = on or date.today()
    sources: Sources = {role: names for role, names in _locations(recipe).items() if role in roles}
    taken, by_source = _taken(recipe, base, sources)
    found = judged(recipe, taken, on)
    assets = _assets(recipe, base, sources, by_source)
    require_sealed(recipe, assets, found.obligations)
    learnt = [one.work for one in taken if one.work and LEARNT.intersection(one.roles)]
    permit = Permit(
        "warn" if found.answer == "warn" else "allow",
        found.reading,
        granted(taken, found),
        terms_of(learnt).join(*(bonds for one in taken for bonds in _brought(one))),
        assets,
        recipe.use.model_dump(mode="json") | recipe.release.model_dump(mode="json"),
        datetime.now(UTC).isoformat(timespec="seconds"),
        to_json(found),
    )
    return permit, budgets_of(taken, found)


def taken_by(recipe: Recipe, base: Path) -> list[Taken]:
    """Every work that a recipe takes, with the roles it is taken for. No data are opened."""
    return _taken(recipe, base, _locations(recipe))[0]


def _taken(
    recipe: Recipe, base: Path, sources: Sources
) -> tuple[list[Taken], dict[tuple[Role, str], str]]:
    """Every work with the roles it is taken for, and the work of each source, by role."""
    found: dict[str, Taken] = {}
    by_source: dict[tuple[Role, str], str] = {}
    keys = trusted_keys(recipe.data.trust, base, "data.trust")
    for role, locations in sources.items():
        for location in locations:
            one = _source(recipe, role, location, base, keys)
            by_source[role, location] = one.id
            before = found.get(one.id, one)
            if before.sha256 != one.sha256:
                raise _same_id(one.id, location)
            roles = tuple(dict.fromkeys((*before.roles, role)))
            found[one.id] = replace(one, roles=roles)
    for model in _models(recipe, base):
        one = _model(model, base)
        before = found.get(one.id, replace(one, roles=()))
        is_other = (before.sha256, before.work) != (one.sha256, one.work)
        if is_other or (before.roles and model.role == "base"):
            raise _same_id(one.id, model.location)
        found[one.id] = replace(before, roles=tuple(dict.fromkeys((*before.roles, model.role))))
        by_source[model.role, model.location] = one.id
    return list(found.values()), by_source


def _brought(one: Taken) -> Iterator[Terms]:
    """What binds a model that learns, besides the works it takes as they are."""
    whole = terms_of([one.work] if one.work else []).join(one.inherited)
    if "teacher" in one.roles:
        yield whole.after("distil")
    if ANSWERING.intersection(one.roles):
        yield whole.after("generate")
    if not set(one.roles) <= {"teacher", *ANSWERING}:
        yield one.inherited


def read_by(parts: Iterable[Spec], recipe: Recipe) -> tuple[Reading, ...]:
    """Models that parts read, each once; one that is the base too is under its terms."""
    model, found = recipe.model, dict[str, Reading]()
    for part in parts:
        for one in part.reads_models:
            if one.location == model.base and one.agreement is None:
                one = replace(one, agreement=model.agreement)
            found.setdefault(one.location, one)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Model:
    """A model that a recipe takes, and the recipe's field that says on which terms."""

    role: Role
    location: str
    revision: str | None
    agreement: str | None
    trust: Trust
    field: str

    @property
    def asset(self) -> str:
        return f"{self.location}/{self.role}" if self.role in ANSWERING else self.role


def _models(recipe: Recipe, base: Path) -> Iterator[_Model]:
    model, distill = recipe.model, recipe.train.distill
    if model.base is not None:
        given = (model.revision, model.agreement, model.trust)
        yield _Model("base", model.base, *given, "model")
    if distill is not None:
        given = (distill.revision, distill.agreement, distill.trust)
        yield _Model("teacher", placed_model(distill.teacher, base), *given, "train.distill")
    for one in read_by((rows.by for rows in recipe.augment.rows), recipe):
        yield _Model("writer", one.location, one.revision, one.agreement, None, "augment.rows")
    for one in read_by(recipe.protect.recognisers, recipe):
        place = placed_model(one.location, base)
        given = (one.revision, one.agreement, None)
        yield _Model("recogniser", place, *given, "protect.recognisers")


def _model(model: _Model, base: Path) -> Taken:
    """A model: what was made here brings the terms of everything in it."""
    named = model.location
    folder = base / Path(named).expanduser()
    is_made_here = (folder / MANIFEST).is_file()
    place = folder if folder.is_dir() else None
    beside = None if is_made_here else place
    keys = trusted_keys(model.trust, base, f"{model.field}.trust")
    read = base_agreement(model.agreement, beside, base, keys, f"{model.field}.agreement")
    if keys and read is None:
        raise unsigned(named, f"{model.field}.trust")
    is_own = model.agreement == OWN or (is_made_here and read is None)
    work = None if is_own else base_work(read, named, place)
    if is_made_here:
        inside = open_artifact(folder).manifest.terms
    else:
        declared = () if is_own else declared_data(read, place)
        inside = Terms(frozenset(Bond(one, "trained") for one in declared))
    name = f"model:{named}" if work is None else work.id
    sha256, signers = (read.sha256, read.signers) if read is not None else (None, ())
    return Taken(work, name, (model.role,), sha256, inherited=inside, signers=signers)


def _source(
    recipe: Recipe, role: Role, location: str, base: Path, keys: Sequence[PublicKey]
) -> Taken:
    agreement = agreement_of_task(recipe, location) if role == "task" else recipe.data.agreement
    named = agreement if isinstance(agreement, str) else agreement.get(location)
    if named is None:
        raise RecipeError(
            "this data source has no agreement",
            code="agreement-missing",
            path="data.agreement",
            got=location,
            expected=", ".join(agreement),
            why="no data is opened without an agreement",
            fix=f"add `{location}: FILE` (or `own`) to `data.agreement`",
        )
    if named == OWN:
        return Taken(None, OWN, ())
    read = read_agreement(base / Path(named).expanduser(), "data.agreement", keys)
    return Taken(
        work_of(read),
        read.id,
        (),
        read.sha256,
        budgets_in(read),
        withdrawn=withdrawn_from(read),
        signers=read.signers,
    )


def agreement_of_task(recipe: Recipe, location: str) -> str:
    """The agreement of a side task's data; rules see to it that there is one for each location."""
    own = (task.data for task in recipe.train.tasks if task.data is not None)
    return next(data.agreement for data in own if location in data.sources)


def _same_id(name: str, location: str) -> RecipeError:
    return RecipeError(
        f"two agreements have the id {name!r}",
        code="agreement-invalid",
        path="data.agreement",
        got=location,
        expected="an id of its own for each data set and model",
        why="terms, budgets and notices are kept by it; those of one would stand for the other",
        fix="write `id: ...` into each agreement file; by default it is the file's name",
    )


def _assets(
    recipe: Recipe, base: Path, sources: Sources, works: Mapping[tuple[Role, str], str]
) -> tuple[Asset, ...]:
    found: list[Asset] = []
    problems: list[AccordError] = []
    for role, locations in sources.items():
        for number, location in enumerate(locations, 1):
            work = works[role, location]
            name = f"{work}/{role}" + (f"-{number}" if len(locations) > 1 else "")
            try:
                found.append(replace(locate(location, base, name, role), work=work))
            except AccordError as problem:
                problems.append(problem)
    raise_all(problems)
    if TASKS[recipe.task].modality == "image":
        found += beside_tables(found)
    for model in _models(recipe, base):
        located = locate_model(model.location, model.revision, base, model.asset, model.role)
        found.append(replace(located, work=works[model.role, model.location]))
    return tuple(found)


def _locations(recipe: Recipe) -> Sources:
    """Data sources by role; shares of the training rows are no sources."""
    data = recipe.data
    train = (data.train,) if isinstance(data.train, str) else data.train
    found: Sources = {"train": train}
    if isinstance(data.validation, str):
        found["validation"] = (data.validation,)
    if isinstance(data.test, str):
        found["test"] = (data.test,)
    if data.benchmarks:
        found["benchmark"] = data.benchmarks
    if beside := [task.data for task in recipe.train.tasks if task.weight and task.data]:
        found["task"] = tuple(dict.fromkeys(name for own in beside for name in own.sources))
    return found
