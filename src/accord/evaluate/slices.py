"""Which rows belong to which value of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

VALUES = 20
"""Values of a column that are judged, those with most rows."""
MISSING = "(missing)"


def slice_rows(values: npt.NDArray[Any]) -> tuple[dict[str, npt.NDArray[np.int64]], int]:
    """Positions of the rows of each value, most frequent first, and how many values are left out.

    Args:
        values: One value a row as text, None where it is missing, [rows].
    """
    named = np.array([MISSING if value is None else str(value) for value in values])
    found, place, counts = np.unique(named, return_inverse=True, return_counts=True)
    most = np.argsort(-counts, kind="stable")
    chosen = {str(found[i]): np.flatnonzero(place == i) for i in most[:VALUES].tolist()}
    return chosen, max(0, len(found) - VALUES)
