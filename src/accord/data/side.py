"""Answers of side tasks: put beside the inputs in every split, described in `schema.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.clean import shortest
from accord.data.source import Block
from accord.data.survey import class_order
from accord.errors import DataError
from accord.recipe.side_task import SideTask
from accord.recipe.tree import Recipe
from accord.vault.files import open_arrow


def side_tasks(recipe: Recipe) -> tuple[SideTask, ...]:
    """Those that count for something, and are columns of the task's own rows."""
    return tuple(task for task in recipe.train.tasks if task.weight and task.data is None)


class Beside:
    """Puts the columns aside as `task:NAME`, texts or numbers, so that encoders pass them on."""

    def __init__(self, tasks: tuple[SideTask, ...]) -> None:
        self.tasks = tasks

    def __call__(self, block: Block, account: Account) -> Block:
        batch = block.batch
        for task in self.tasks:
            column = _known(shortest(batch[task.label], task.label))
            if task.kind == "number":
                column = pa.array(_numbers(column, task.label), pa.float64())
            batch = batch.append_column(task.column, column)
        return Block(batch, block.rows, block.file, block.asset)


def _known(column: pa.Array) -> pa.Array:
    """Texts; an empty one is none."""
    return pa.array([text or None for text in column.to_pylist()], pa.string())


def side_facts(folder: Path, recipe: Recipe) -> dict[str, list[dict[str, Any]]]:
    """Entry `tasks` of schema.json, in the recipe's order: of each its name, its problem and, from
    the training rows written to `folder`, its classes or mean and deviation; of those with data of
    their own also `split`, the name of the file with their rows.

    Raises:
        DataError: No training row has an answer, or all have the same class.
    """
    found: list[dict[str, Any]] = []
    for task in recipe.train.tasks:
        if not task.weight:
            continue
        split = "train" if task.data is None else split_of(len(found))
        with open_arrow(folder / f"{split}.arrow") as source:
            column = pa.ipc.open_file(source).read_all()[task.column]
            facts = _facts(task, column)
        found.append(facts if task.data is None else facts | {"split": split})
    return {"tasks": found} if found else {}


def split_of(number: int) -> str:
    """Name of the file with the rows of the side task of this number among those that count; the
    rows that it is examined with have `-test` behind it."""
    return f"task-{number}"


def _facts(task: SideTask, column: pa.ChunkedArray) -> dict[str, Any]:
    found: dict[str, Any] = {"name": task.called, "problem": "regression", "labels": []}
    if task.kind == "number":
        values = column.to_numpy()
        known = values[np.isfinite(values)]
        if not len(known):
            raise _empty(task)
        target = {"mean": float(known.mean()), "std": float(known.std()) or 1.0}
        return found | {"target": target}
    names = {name for name in column.unique().to_pylist() if name is not None}
    if len(names) < 2:
        raise _empty(task)
    return found | {"problem": "single-label", "labels": sorted(names, key=class_order)}


def _numbers(column: pa.Array, name: str) -> np.ndarray:
    try:
        return np.array([np.nan if v is None else float(v) for v in column.to_pylist()])
    except ValueError as error:
        raise DataError(
            "a side task's answer is no number",
            code="column-type",
            path="train.tasks",
            got=str(error),
            expected=f"numbers in {name!r}, or nothing",
            fix="correct the cell, or use `kind: classes`",
        ) from error


def _empty(task: SideTask) -> DataError:
    return DataError(
        "a side task has nothing to learn",
        code="one-class",
        path="train.tasks",
        got=task.label,
        expected="two or more classes, or a number, in the training rows",
        fix="name another column, or remove the task",
    )
