"""Which split each row belongs to: exact shares, stratified by label, groups kept together.

Pure functions over arrays. Chance comes from hashing row numbers with the seed, so the result
depends on neither batch size, thread count nor library version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")
PIECE = 1 << 16
"""Rows hashed at a time."""
CELLS = 1 << 18
"""Counters over all classes while thresholds are found."""

Codes = npt.NDArray[np.signedinteger[Any]]
Splits = npt.NDArray[np.int8]


def assign_splits(
    rows: int,
    shares: tuple[float, float],
    seed: int,
    *,
    labels: Codes | None = None,
    groups: Codes | None = None,
) -> Splits:
    """Split of each row: 0 train, 1 validation, 2 test. Shape [rows].

    Args:
        rows: Number of rows.
        shares: Of validation and of test, each in [0, 1), together below 1.
        seed: `data.seed`.
        labels: Class code of each row to stratify by, or None. Shape [rows].
        groups: Group code of each row; rows of a group stay together. Shape [rows].

    Guarantees:
        Validation and test get `round(rows * share)` rows, and of each class its share to within
        one row. With groups both hold as nearly as whole groups allow.

    """
    if groups is not None:
        return _grouped(np.argsort(_hashes(0, rows, seed), kind="stable"), shares, groups, labels)
    strata = np.zeros(rows, dtype=np.int8) if labels is None else labels
    sizes = np.bincount(strata) if rows else np.zeros(1, np.int64)
    wanted = [round(rows * share) for share in shares]
    validation = _apportioned(sizes, sizes, shares[0], wanted[0])
    test = _apportioned(sizes, sizes - validation, shares[1], wanted[1])
    low, high = _thresholds(rows, seed, strata, (validation, validation + test))
    found = np.zeros(rows, dtype=np.int8)
    for start, hashes in _pieces(rows, seed):
        own = strata[start : start + len(hashes)]
        part = found[start : start + len(hashes)]
        part[hashes < high[own]] = TEST
        part[hashes < low[own]] = VALIDATION
    return found


def _thresholds(
    rows: int, seed: int, strata: Codes, ranks: tuple[Codes, Codes]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Below which hash the first `ranks` rows of each class lie, in order of their hashes.

    Counted in bins first, so that only the hashes of the bins that hold a threshold are sorted:
    memory does not grow with the rows.
    """
    classes = len(ranks[0])
    bits = max(4, (CELLS // classes).bit_length() - 1)
    counts = np.zeros((classes, 1 << bits), dtype=np.int64)
    for start, hashes in _pieces(rows, seed):
        cell = strata[start : start + len(hashes)].astype(np.int64) << bits
        cell |= (hashes >> np.uint64(64 - bits)).astype(np.int64)
        counts += np.bincount(cell, minlength=counts.size).reshape(counts.shape)
    before = counts.cumsum(1) - counts
    found: list[npt.NDArray[np.uint64]] = []
    for rank in ranks:
        home = (before <= rank[:, None]).sum(1) - 1
        inside: list[tuple[Codes, npt.NDArray[np.uint64]]] = []
        for start, hashes in _pieces(rows, seed):
            own = strata[start : start + len(hashes)]
            here = (hashes >> np.uint64(64 - bits)).astype(np.int64) == home[own]
            inside.append((own[here].astype(np.int64), hashes[here]))
        own, hashes = (np.concatenate(column) for column in zip(*inside, strict=True))
        order = np.lexsort((hashes, own))
        starts = np.searchsorted(own[order], np.arange(classes))
        ends = np.searchsorted(own[order], np.arange(classes), side="right")
        at = starts + rank - before[np.arange(classes), home]
        limit = np.full(classes, np.iinfo(np.uint64).max, dtype=np.uint64)
        within = at < ends
        limit[within] = hashes[order[at[within]]]
        found.append(limit)
    return found[0], found[1]


def _pieces(rows: int, seed: int) -> Iterator[tuple[int, npt.NDArray[np.uint64]]]:
    """Hashes of the rows, from each start on."""
    for start in range(0, rows, PIECE):
        yield start, _hashes(start, min(start + PIECE, rows), seed)


def _hashes(start: int, stop: int, seed: int) -> npt.NDArray[np.uint64]:
    """SplitMix64 (Steele et al., 2014) of row numbers; no two alike. Shape [stop - start]."""
    with np.errstate(over="ignore"):
        value = np.arange(start + 1, stop + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        value += np.uint64(seed % 2**63) * np.uint64(0xD1B54A32D192ED03)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _apportioned(sizes: Codes, left: Codes, share: float, total: int) -> Codes:
    """How many rows of each class, together `total` (largest remainders; Hamilton, 1792).

    Args:
        sizes: Rows of each class.
        left: Those not taken by another split yet.
    """
    exact = sizes * share
    taken = np.floor(exact).astype(np.int64)
    missing = total - int(taken.sum())
    # Training must have seen a class: its last row goes only where no other is left to give.
    able = np.flatnonzero(taken < left)
    last = taken[able] + 1 == left[able]
    by_remainder = able[np.lexsort((-(exact - taken)[able], last))]
    taken[by_remainder[: max(0, missing)]] += 1
    return taken


def _grouped(
    order: Codes, shares: tuple[float, float], groups: Codes, labels: Codes | None
) -> Splits:
    """Whole groups, largest first, each to the split that lacks its labels most."""
    strata = np.zeros(len(groups), dtype=np.int64) if labels is None else labels
    classes = int(strata.max(initial=0)) + 1
    sizes = np.bincount(groups)
    table = np.zeros((len(sizes), classes), dtype=np.int64)
    np.add.at(table, (groups, strata), 1)
    arrival = np.full(len(sizes), len(groups))
    np.minimum.at(arrival, groups[order], np.arange(len(groups)))
    target = np.outer((1 - sum(shares), *shares), table.sum(0))
    held = np.zeros((3, classes))
    home = np.zeros(len(sizes), dtype=np.int8)
    for group in np.lexsort((arrival, -sizes)):
        lacking = (target - held) @ table[group] / np.maximum(target.sum(1), 1e-12)
        lacking[target.sum(1) == 0] = -np.inf
        home[group] = np.argmax(lacking)
        held[home[group]] += table[group]
    return home[groups]


def codes(values: npt.NDArray[np.object_] | list[str]) -> Codes:
    """Integer code of each value, in sorted order of the values. Shape [n]."""
    return np.unique(np.asarray(values, dtype=object), return_inverse=True)[1].astype(np.int64)


def quantile_codes(values: npt.NDArray[np.float64], bins: int = 10) -> Codes:
    """Codes to stratify a regression target by: its quantile bin. Shape [n]."""
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, values, side="right").astype(np.int64)
