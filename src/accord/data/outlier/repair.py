"""Outlying values of a series replaced by what their neighbours say."""

from __future__ import annotations

from typing import Literal

import numpy as np

from accord.data.outlier.found import Mask, Values


def interpolated(
    values: Values,
    cells: Mask,
    times: Values,
    method: Literal["linear", "spline"],
) -> Values:
    """The values, those that are outlying interpolated from the sound ones of their column.

    Before the first sound value and after the last, these are repeated. Missing values stay so.

    Args:
        values: Shape [n, d].
        cells: Which are outlying. Shape [n, d].
        times: When each row was, ascending; rows of one time count as their mean. Shape [n].
        method: Straight lines, or a cubic spline (not-a-knot) where four sound values are there.

    Guarantees:
        Exact on series that are linear in time (spline: cubic), but beyond the sound values.
    """
    repaired = values.copy()
    for i, column in enumerate(values.T):
        due = cells[:, i]
        sound = ~due & ~np.isnan(column)
        at, place, often = np.unique(times[sound], return_inverse=True, return_counts=True)
        known = np.bincount(place, column[sound], minlength=len(at)) / often
        if not len(at) or not due.any():
            continue
        wanted = np.clip(times[due], at[0], at[-1])
        if method == "spline" and len(at) >= 4:
            from scipy.interpolate import CubicSpline

            repaired[due, i] = CubicSpline(at, known)(wanted)
        else:
            repaired[due, i] = np.interp(wanted, at, known)
    return repaired
