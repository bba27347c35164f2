"""How anonymous rows are: sizes of classes, diversity and closeness of sensitive values in them.

All functions take `classes`, the class of each row, numbered from 0 without gaps: rows that are
alike in every quasi-identifier. Shapes: rows [n], classes [c].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A column that must not be learned of a person.

    Args:
        name: The column.
        codes: The value of each row, numbered from 0; in order of size if `ordered`. Shape [n].
        ordered: Whether the values are numbers, of which some are nearer than others.
    """

    name: str
    codes: Codes
    ordered: bool


def classes_of(columns: Sequence[Codes]) -> Codes:
    """The class of each row: equal where all columns are. Shape [n]."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    bound = 1
    for column in columns:
        size = int(column.max(initial=0)) + 1
        if bound * size >= 2**62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            bound = int(key.max(initial=0)) + 1
        key, bound = key * size + column, bound * size
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def distinct_l(classes: Codes, values: Codes) -> Codes:
    """Different values in each class. Shape [c]."""
    owners, _ = _pairs(classes, values)
    return np.bincount(owners)


def entropy_l(classes: Codes, values: Codes) -> Floats:
    """Exponential of the entropy of the values in each class: 3 where three are equally frequent
    (Machanavajjhala et al., 2007). Shape [c]."""
    owners, counts = _pairs(classes, values)
    share = counts / np.bincount(classes)[owners]
    return np.exp(-np.bincount(owners, weights=share * np.log(share)))


def closeness(classes: Codes, values: Codes, *, ordered: bool) -> Floats:
    """Earth mover's distance of each class's values from those of all rows, in [0, 1] (Li et al.,
    2007): with equal distances between values, or with that of their ranks. Shape [c]."""
    return _ordered(classes, values) if ordered else _equal(classes, values)


def _pairs(classes: Codes, values: Codes) -> tuple[Codes, Codes]:
    """The class of each different (class, value) pair, and its rows."""
    size = int(values.max(initial=0)) + 1
    pairs, counts = np.unique(classes * size + values, return_counts=True)
    return pairs // size, counts


def _equal(classes: Codes, values: Codes) -> Floats:
    """Half the sum of absolute differences; only values that a class holds can exceed."""
    size = int(values.max(initial=0)) + 1
    overall = np.bincount(values, minlength=size) / len(values)
    pairs, counts = np.unique(classes * size + values, return_counts=True)
    owners = pairs // size
    excess = counts / np.bincount(classes)[owners] - overall[pairs % size]
    return np.bincount(owners, weights=np.maximum(excess, 0)).astype(np.float64)


def _ordered(classes: Codes, values: Codes) -> Floats:
    """Mean absolute difference of the two cumulated distributions over the ranks 0 to m - 2.

    A class's own is a step function with a step at each of its rows, so it is enough to look at the
    pieces between them; inside one, the difference changes its sign at most once.
    """
    present, ranks = np.unique(values, return_inverse=True)
    most = len(present)
    if most < 2:
        return np.zeros(int(classes.max(initial=0)) + 1)
    overall = np.cumsum(np.bincount(ranks)) / len(values)
    area = np.concatenate(([0.0], np.cumsum(overall)))
    sizes = np.bincount(classes)
    order = np.lexsort((ranks, classes))
    owners = classes[order]
    first = np.cumsum(sizes) - sizes
    height = (np.arange(len(order)) - first[owners] + 1) / sizes[owners]
    starts = ranks[order]
    last = np.append(owners[1:] != owners[:-1], True)
    ends = np.where(last, most, np.append(starts[1:], most))
    heads = starts[first]
    owners = np.concatenate((owners, np.arange(len(sizes))))
    height = np.concatenate((height, np.zeros(len(sizes))))
    starts = np.concatenate((starts, np.zeros(len(sizes), dtype=np.int64)))
    ends = np.concatenate((ends, heads))
    cross = np.clip(np.searchsorted(overall, height), starts, ends)
    below = (cross - starts) * height - (area[cross] - area[starts])
    above = (area[ends] - area[cross]) - (ends - cross) * height
    return np.bincount(owners, weights=below + above) / (most - 1)


def measured(columns: Sequence[Codes], sensitive: Sequence[Sensitive]) -> dict[str, Any]:
    """`rows`, `classes`, `k`, and for each sensitive column its worst `l`, `entropy_l` and `t`."""
    if not len(columns[0]):
        return {"rows": 0, "classes": 0, "k": None, "sensitive": {}}
    classes = classes_of(columns)
    sizes = np.bincount(classes)
    worst = {
        s.name: {
            "l": int(distinct_l(classes, s.codes).min()),
            "entropy_l": round(float(entropy_l(classes, s.codes).min()), 6),
            "t": round(float(closeness(classes, s.codes, ordered=s.ordered).max()), 6),
        }
        for s in sensitive
    }
    return {
        "rows": len(classes), "classes": len(sizes), "k": int(sizes.min()), "sensitive": worst,
    }  # fmt: skip
