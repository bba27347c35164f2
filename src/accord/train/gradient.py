"""The gradient a recipe asks for: which rows count how much, and how far one row may pull."""

from __future__ import annotations

import numpy as np
import torch

from accord.batch import PreparedSplit
from accord.batch.team import Team
from accord.objective.gradient import Accumulate, Gradient
from accord.objective.in_step import InStep
from accord.objective.reweighed import Reweighed, Weighing
from accord.objective.robust.setting import TrainingRows
from accord.part import find
from accord.privacy.clipped import Clipped
from accord.recipe.tree import Recipe
from accord.train.cold_start import warming


def gradient_of(
    recipe: Recipe, split: PreparedSplit, team: Team, *, divided: bool = False
) -> Gradient:
    """The plain gradient, unless the recipe wants rows weighed or clipped.

    Args:
        recipe: Sections `train` and `balance`.
        split: The training rows.
        team: The processes that compute it together.
        divided: Whether each holds a part of every weight.
    """
    inner: Gradient = InStep(team) if divided else Accumulate(team)
    if recipe.train.clip_each is not None:
        inner = Clipped(recipe.train.clip_each, team, divided=divided)
    weighings = _weighings(recipe, split)
    return Reweighed(inner, weighings) if weighings else inner


def _weighings(recipe: Recipe, split: PreparedSplit) -> tuple[Weighing, ...]:
    robust, cold = recipe.train.robust, recipe.balance.cold_start
    if robust is None and cold is None:
        return ()
    rows, found = training_rows(split), list[Weighing]()
    if cold is not None:
        found.append(warming(cold, split, rows))
    if robust is not None:
        found.append(find("robust", robust.kind)(robust, rows))
    return tuple(found)


def training_rows(split: PreparedSplit) -> TrainingRows:
    """Counts of a prepared training split."""
    schema = split.schema
    classes = tuple(schema["labels"]) if schema["problem"] == "single-label" else ()
    per_class = torch.zeros(0)
    if classes:
        labels = split.table["label"].to_numpy()
        per_class = torch.from_numpy(np.bincount(labels, minlength=len(classes)))
    carried = {name: tuple(values) for name, values in schema.get("carried", {}).items()}
    return TrainingRows(
        classes,
        per_class,
        carried,
        {name: _counted(split, name, values) for name, values in carried.items()},
    )


def _counted(split: PreparedSplit, name: str, values: tuple[str, ...]) -> torch.Tensor:
    found = {
        item["values"]: item["counts"]
        for item in split.table[f"carried:{name}"].value_counts().to_pylist()
    }
    return torch.tensor([found[value] for value in values])
