"""Stage 1: the agreement is read, judged and turned into the permit that opens the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from accord.agreement.agreement_file import read_agreement
from accord.agreement.assets import locate, locate_model
from accord.agreement.images import beside_tables
from accord.agreement.judge import OWN, judge
from accord.agreement.permit import Asset, Permit, Role
from accord.artifact import Artifact, open_artifact
from accord.errors import AccordError, raise_all
from accord.recipe.context import Context
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

OWN_ID = "own"


def grant(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Make the `permit` artifact.

    Raises:
        AgreementError: The agreement does not allow what the recipe does.
        RecipeError: The agreement file is missing or wrong.
        DataError: A source has no file.
    """
    permit = permit_for(recipe, context.base)
    identity = permit.identity(context.identity)
    with context.store.create("permit", identity, terms=permit.terms) as folder:
        permit.save(folder)
    return open_artifact(context.store.location("permit", identity))


def permit_for(recipe: Recipe, base: Path, on: date | None = None) -> Permit:
    """The permit of a recipe on a day (today): judged first, then the files resolved.

    Args:
        recipe: `data` and `model` are read.
        base: Folder that relative paths start from.
    """
    if recipe.data.agreement == OWN_ID:
        name, judgement = OWN_ID, OWN
    else:
        agreement = read_agreement(base / Path(recipe.data.agreement).expanduser())
        name, judgement = agreement.id, judge(agreement, on or date.today())
    return Permit(
        name, judgement.verdict, judgement.obligations, judgement.terms, _assets(recipe, base, name)
    )


def _assets(recipe: Recipe, base: Path, agreement: str) -> tuple[Asset, ...]:
    found: list[Asset] = []
    problems: list[AccordError] = []
    for role, locations in _locations(recipe).items():
        for number, location in enumerate(locations, 1):
            name = f"{agreement}/{role}" + (f"-{number}" if len(locations) > 1 else "")
            try:
                found.append(locate(location, base, name, role))
            except AccordError as problem:
                problems.append(problem)
    raise_all(problems)
    if TASKS[recipe.task].modality == "image":
        found += beside_tables(found, agreement)
    if recipe.model.base is not None:
        found.append(locate_model(recipe.model.base, recipe.model.revision, base, "base"))
    return tuple(found)


def _locations(recipe: Recipe) -> dict[Role, tuple[str, ...]]:
    """Data sources by role; shares of the training rows are no sources."""
    data = recipe.data
    train = (data.train,) if isinstance(data.train, str) else data.train
    found: dict[Role, tuple[str, ...]] = {"train": train}
    if isinstance(data.validation, str):
        found["validation"] = (data.validation,)
    if isinstance(data.test, str):
        found["test"] = (data.test,)
    return found
