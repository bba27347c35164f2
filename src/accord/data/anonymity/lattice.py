"""The levels that lose least: full-domain generalisation with suppression (Samarati, 2001), the
best node of the lattice found in order of a lower bound.

No property of the measures is needed for that but one: a row that is kept loses at least what its
values lose at these levels, and one that is left out loses all. (t-closeness with suppression is
not monotone in the lattice, so searches that prune by it may miss the best node.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from accord.data.anonymity.measure import (
    Codes,
    Floats,
    Sensitive,
    classes_of,
    closeness,
    distinct_l,
    entropy_l,
)
from accord.recipe.anonymity import Anonymity

MOST_NODES = 200_000
Nodes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """A quasi-identifier of all rows.

    Args:
        codes: The value of each row, as an index into `levels[.]`. Shape [n].
        levels: For each level, the value that each value becomes, numbered. Each of shape [values].
        loss: For each level, the share of what it says that each value loses, in [0, 1].
    """

    codes: Codes
    levels: Sequence[Codes]
    loss: Sequence[Floats]


@dataclass(frozen=True, slots=True)
class Choice:
    """A node of the lattice that meets what is asked.

    Args:
        node: The level of each column.
        keep: Rows that stay. Shape [n].
        loss: Share of what the columns said that is lost (normalised certainty penalty, Xu et al.,
            2006; a row left out loses all), in [0, 1].
    """

    node: tuple[int, ...]
    keep: npt.NDArray[np.bool_]
    loss: float


def nodes(columns: Sequence[Column]) -> int:
    """How many combinations of levels there are."""
    return int(np.prod([float(len(column.levels)) for column in columns]))


def best(
    columns: Sequence[Column], sensitive: Sequence[Sensitive], asked: Anonymity
) -> Choice | None:
    """The node that loses least of all that meet k, l and t and leave out few enough rows; of equal
    ones the first in lexicographic order. None if no node does.

    Args:
        columns: At least one; `nodes(columns)` at most `MOST_NODES`.
    """
    rows = len(columns[0].codes)
    budget = int(asked.suppress * rows + 1e-9)
    mean = [[float(loss[c.codes].mean()) for loss in c.loss] for c in columns]
    lowest = [_lowest(column, asked.k, budget) for column in columns]
    every = np.array(
        list(product(*(range(low, len(c.levels)) for low, c in zip(lowest, columns, strict=True)))),
        dtype=np.int64,
    ).reshape(-1, len(columns))
    each = [np.array(m)[every[:, i]] for i, m in enumerate(mean)]
    bounds: Floats = np.sum(each, axis=0) / len(columns)
    tuples, counts, owner = _compressed(columns)
    found: Choice | None = None
    for at in np.argsort(bounds, kind="stable").tolist():
        if found is not None and bounds[at] >= found.loss - 1e-12:
            break
        node = tuple(int(level) for level in every[at])
        classes = classes_of(
            [c.levels[n][t] for c, n, t in zip(columns, node, tuples, strict=True)]
        )
        sizes = np.bincount(classes, weights=counts)
        if sizes[sizes < asked.k].sum() > budget:
            continue
        keep = _kept(classes[owner], sensitive, asked, budget)
        if keep is None:
            continue
        loss = _loss(columns, node, keep)
        if found is None or loss < found.loss - 1e-12:
            found = Choice(node, keep, loss)
    return found


def _lowest(column: Column, k: int, budget: int) -> int:
    """The least level at which the column alone has few enough rows in small classes: below it no
    node can meet k, for further columns only divide classes."""
    counts = np.bincount(column.codes, minlength=len(column.levels[0]))
    for level, codes in enumerate(column.levels):
        sizes = np.bincount(codes, weights=counts)
        if sizes[sizes < k].sum() <= budget:
            return level
    return len(column.levels) - 1


def _compressed(columns: Sequence[Column]) -> tuple[list[Codes], Codes, Codes]:
    """The different rows by column, how often each stands, and which one each row is."""
    owner = classes_of([column.codes for column in columns])
    first = np.unique(owner, return_index=True)[1]
    return [column.codes[first] for column in columns], np.bincount(owner), owner


def _kept(
    classes: Codes, sensitive: Sequence[Sensitive], asked: Anonymity, budget: int
) -> npt.NDArray[np.bool_] | None:
    """Rows that stay when classes that fail are left out, until none does: what is left out changes
    what all rows together look like. None if the budget does not suffice, or no row would stay."""
    keep = np.ones(len(classes), dtype=bool)
    while True:
        at = np.flatnonzero(keep)
        left = np.unique(classes[at], return_inverse=True)[1].astype(np.int64)
        bad = np.bincount(left) < asked.k
        for column in sensitive:
            bad |= _failing(left, column.codes[at], column.ordered, asked)
        if not bad.any():
            return keep
        keep[at[bad[left]]] = False
        if len(classes) - keep.sum() > budget or not keep.any():
            return None


def _failing(
    classes: Codes, values: Codes, ordered: bool, asked: Anonymity
) -> npt.NDArray[np.bool_]:
    """Classes whose sensitive values are too few, too uneven or too special."""
    bad = np.zeros(int(classes.max()) + 1, dtype=bool)
    if asked.l is not None:
        bad |= distinct_l(classes, values) < asked.l
    if asked.entropy_l is not None:
        bad |= entropy_l(classes, values) < asked.entropy_l - 1e-9
    if asked.t is not None:
        bad |= closeness(classes, values, ordered=ordered) > asked.t + 1e-9
    return bad


def _loss(columns: Sequence[Column], node: tuple[int, ...], keep: npt.NDArray[np.bool_]) -> float:
    kept = sum(float(c.loss[n][c.codes[keep]].sum()) for c, n in zip(columns, node, strict=True))
    return (kept / len(columns) + float((~keep).sum())) / len(keep)
