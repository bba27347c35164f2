"""Which split each row belongs to: exact shares, stratified by label, groups kept together.

Pure functions over arrays. Chance comes from hashing row numbers with the seed, so the result
depends on neither batch size, thread count nor library version.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

TRAIN, VALIDATION, TEST = 0, 1, 2
NAMES = ("train", "validation", "test")

Codes = npt.NDArray[np.int64]
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
        seed: `train.seed`.
        labels: Class code of each row to stratify by, or None. Shape [rows].
        groups: Group code of each row; rows of a group stay together. Shape [rows].

    Guarantees:
        Validation and test get `round(rows * share)` rows, and of each class its share to within
        one row. With groups both hold as nearly as whole groups allow.

    Raises:
        DataError: A split would be empty.
    """
    raise NotImplementedError


def codes(values: npt.NDArray[np.object_] | list[str]) -> Codes:
    """Integer code of each value, in sorted order of the values. Shape [n]."""
    return np.unique(np.asarray(values, dtype=object), return_inverse=True)[1].astype(np.int64)


def quantile_codes(values: npt.NDArray[np.float64], bins: int = 10) -> Codes:
    """Codes to stratify a regression target by: its quantile bin. Shape [n]."""
    edges = np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1])
    return np.searchsorted(edges, values, side="right").astype(np.int64)
