"""How many records, users or sources the training split will hold: counted, nothing else kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.data.carried import MISSING
from accord.data.encoder import Setting, settled
from accord.data.rows import read_rows, rejects_of
from accord.data.split import TRAIN
from accord.data.survey import ROLES, Survey
from accord.part import find
from accord.permit import Permit
from accord.recipe.task import TASKS, Problem
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Counted:
    """What a plan needs to know of data.

    Args:
        units: Of `privacy.unit` in the training split, as the data stage will make it.
        labels: Names of the classes.
        problem: Of the task.
    """

    units: int
    labels: tuple[str, ...]
    problem: Problem


def counted(recipe: Recipe, permit: Permit, base: Path) -> Counted:
    """Read all rows once and count.

    Raises:
        DataError: What would stop the data stage.
    """
    assert recipe.privacy is not None
    survey, rejects = Survey(recipe), rejects_of(recipe)
    column, owners = recipe.privacy.column, list[str]()
    for role in ROLES:
        if permit.sources(role):
            for block in read_rows(permit, role, recipe, base, rejects=rejects):
                survey.add(role, block)
                if recipe.privacy.unit == "record":
                    continue
                values = [block.asset] * len(block.rows)
                if column is not None and role == "train":
                    values = block.batch[column].to_pylist()
                owners += [MISSING if value is None else str(value) for value in values]
    rejects.check()
    splits = survey.splits()
    kept = splits == TRAIN
    units = int(kept.sum())
    if owners:
        units = len({owner for owner, mine in zip(owners, kept, strict=True) if mine})
    assert survey.problem is not None
    return Counted(units, survey.label_names(splits, complete=True), survey.problem)


def schema_of(recipe: Recipe, base: Path, found: Counted) -> Mapping[str, Any]:
    """The part of a prepared data set's `schema.json` that a model is built by."""
    part = find("encoder", recipe.task)
    encoder = part(part.spec(kind=recipe.task), Setting(recipe, base, found.labels))
    known = {"task": recipe.task, "problem": found.problem, "labels": list(found.labels)}
    return known | dict(settled(encoder, []).facts())


def unseen(recipe: Recipe, units: int) -> Counted:
    """What is taken for granted of data that are not opened: two classes."""
    task = TASKS[recipe.task]
    labels = () if "next-token" in task.problems else ("0", "1")
    return Counted(units, labels, task.problems[0])


__all__ = ["Counted", "counted", "schema_of", "unseen"]
