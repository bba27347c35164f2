"""The order that a recipe's sampler gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from accord.batch import PreparedSplit
from accord.batch.order import Drawn, Order, Shuffled
from accord.errors import RecipeError
from accord.metric.spans import scheme_of
from accord.part import find
from accord.recipe.tree import Recipe
from accord.sampler.setting import Kinds

Ids = npt.NDArray[np.int64]


def order_of(recipe: Recipe, split: PreparedSplit) -> Order:
    """Every row once, unless `balance.sampler` wants kinds of rows more or less often.

    Raises:
        RecipeError: Rows have numbers, and no column is named instead.
    """
    spec = recipe.balance.sampler
    if spec is None:
        return Shuffled(split.rows)
    column = getattr(spec, "by", None)
    kinds, owners = _column(split, column) if column is not None else _classes(split)
    return Drawn(owners, find("sampler", spec.kind)(spec, kinds))


def _column(split: PreparedSplit, column: str) -> tuple[Kinds, Ids]:
    names = tuple(split.schema["carried"][column])
    index = {name: number for number, name in enumerate(names)}
    values = split.table[f"carried:{column}"].to_pylist()
    return _alone(names, np.array([index[value] for value in values], dtype=np.int64))


def _classes(split: PreparedSplit) -> tuple[Kinds, Ids]:
    """Kinds by what rows are labelled with, and the kind of each row [rows]."""
    labels, problem = tuple(split.schema["labels"]), split.schema["problem"]
    column: Any = split.table["label"].combine_chunks()
    if problem == "single-label":
        return _alone(labels, column.to_numpy(zero_copy_only=False).astype(np.int64))
    if problem == "multi-label":
        held = column.flatten().to_numpy(zero_copy_only=False).reshape(split.rows, -1) > 0.5
        return _rarest(labels, *np.nonzero(held), rows=split.rows, none="")
    if problem == "token-label":
        scheme = scheme_of(labels)
        tags = column.flatten().to_numpy(zero_copy_only=False)
        rows = np.repeat(np.arange(split.rows), column.value_lengths().to_numpy())
        types = np.where(tags >= 0, scheme.type_of[np.maximum(tags, 0)], -1)
        due = types >= 0
        return _rarest(scheme.types, rows[due], types[due], rows=split.rows, none="O")
    raise RecipeError(
        "`balance.sampler` has no meaning for rows without classes",
        code="recipe-conflict",
        path="balance.sampler",
        got=problem,
        expected="classes, labels or tags, or a column of sources",
        fix="name a column: `by: COLUMN`, or remove `sampler`",
    )


def _alone(names: tuple[str, ...], owners: Ids) -> tuple[Kinds, Ids]:
    return Kinds(names, np.bincount(owners, minlength=len(names)).astype(np.int64)), owners


def _rarest(
    names: tuple[str, ...], at: Ids, what: Ids, *, rows: int, none: str
) -> tuple[Kinds, Ids]:
    """Each row under the rarest of what it holds, or under `none`.

    Args:
        names: Of what rows may hold.
        at, what: Row and what it holds there, in any order and as often as it does. Shape [found].
        rows: How many there are.
        none: Name of the kind of rows that hold nothing.
    """
    size = len(names)
    pairs = np.unique(at.astype(np.int64) * size + what)
    held = np.bincount(pairs % size, minlength=size).astype(np.int64) if size else pairs
    rank = np.empty(size, dtype=np.int64)
    by_rarity = np.argsort(held, kind="stable")
    rank[by_rarity] = np.arange(size)
    best = np.full(rows, size)
    if size:
        np.minimum.at(best, pairs // size, rank[pairs % size])
    owners = np.concatenate([by_rarity, [size]]).astype(np.int64)[best]
    empty = int((owners == size).sum())
    if empty:
        names, held = (*names, none), np.append(held, empty)
    counts = np.bincount(owners, minlength=len(names)).astype(np.int64)
    return Kinds(names, counts, held), owners
