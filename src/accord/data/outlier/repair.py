"""Outlying values of a series replaced by what their neighbours say."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from accord.data.outlier.found import Mask, Values


def interpolated(
    values: Values,
    cells: Mask,
    times: Values,
    order: npt.NDArray[np.int64],
    method: Literal["linear", "spline"],
) -> Values:
    """The values, those that are outlying interpolated from the sound ones of their column.

    Before the first sound value and after the last, these are repeated. Missing values stay so.

    Args:
        values: Shape [n, d].
        cells: Which are outlying. Shape [n, d].
        times: When each row was. Shape [n].
        order: Rows in order of time. Shape [n].
        method: Straight lines, or a cubic spline (not-a-knot) where four sound values are there.

    Guarantees:
        Exact on series that are linear in time (spline: cubic), but beyond the sound values.
    """
    repaired = values.copy()
    for i, column in enumerate(values.T):
        due = cells[:, i]
        sound = order[~due[order] & ~np.isnan(column[order]) & ~np.isnan(times[order])]
        at, first = np.unique(times[sound], return_index=True)
        known = column[sound][first]
        if not len(at) or not due.any():
            continue
        wanted = np.clip(times[due], at[0], at[-1])
        if method == "spline" and len(at) >= 4:
            from scipy.interpolate import CubicSpline

            repaired[due, i] = CubicSpline(at, known)(wanted)
        else:
            repaired[due, i] = np.interp(wanted, at, known)
    return repaired
